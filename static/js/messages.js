// Messages in the log, from wherever they come (page, reply, stream): once each, in the order of their numbers,
// drawn as runs of one author, marked when they are the reader's own.
(() => {
  "use strict";
  const RUN = 5 * 60 * 1000;
  const room = document.getElementById("room");
  const list = document.getElementById("messages");
  if (!list) return;

  const seqOf = (message) => Number(message.dataset.seq);
  const momentOf = (message) => new Date(message.querySelector("time")?.dateTime || 0);
  const isMessage = (element) => element?.matches?.(".message");
  const isMine = (message) => message.dataset.author !== "" && message.dataset.author === room.dataset.me;

  const dayName = (moment) => {
    const midnight = (day) => new Date(day.getFullYear(), day.getMonth(), day.getDate());
    const days = Math.round((midnight(new Date()) - midnight(moment)) / 86400000);
    if (days < 2) {
      const word = new Intl.RelativeTimeFormat(chatpopLocale, { numeric: "auto" }).format(-days, "day");
      return word.charAt(0).toLocaleUpperCase() + word.slice(1);
    }
    return moment.toLocaleDateString(chatpopLocale, { weekday: "long", day: "numeric", month: "long" });
  };

  const arrange = (message) => {
    const before = isMessage(message.previousElementSibling) ? message.previousElementSibling : null;
    const moment = momentOf(message);
    const newDay = moment.toDateString() !== (before ? momentOf(before) : new Date()).toDateString();
    const follows = before && !newDay && before.dataset.author === message.dataset.author && moment - momentOf(before) < RUN;
    message.classList.toggle("follows", Boolean(follows));
    message.classList.toggle("mine", isMine(message));
    if (newDay) message.dataset.day = dayName(moment);
    else delete message.dataset.day;
  };

  const arrangeWithNext = (message) => {
    arrange(message);
    if (isMessage(message.nextElementSibling)) arrange(message.nextElementSibling);
  };

  const insert = (message) => {
    let before = list.lastElementChild;
    while (isMessage(before) && seqOf(before) > seqOf(message)) before = before.previousElementSibling;
    if (before) before.after(message);
    else list.prepend(message);
    htmx.process(message);
    htmx.trigger(message, "htmx:load");
  };

  const parse = (html) => {
    const template = document.createElement("template");
    template.innerHTML = html;
    return template.content.querySelector(".message");
  };

  list.take = (html) => {
    const message = parse(html);
    if (!message || document.getElementById(message.id)) return;
    const own = isMine(message);
    document.getElementById("log").grow(() => insert(message), own);
    if (!own) document.getElementById("announcer").news(message);
  };

  // Edited or deleted: it is drawn anew in its place.
  const alter = (html) => {
    const now = parse(html);
    const message = document.getElementById(now?.id);
    if (!message) return;
    const hadFocus = message.contains(document.activeElement);
    document.getElementById("log").keep(() => message.replaceWith(now));
    htmx.process(now);
    htmx.trigger(now, "htmx:load");
    list.requote(now);
    // Somebody's keyboard was in it: it goes on from there, else from the log.
    if (hadFocus) (now.querySelector(".message-more") || document.getElementById("log")).focus({ preventScroll: true });
  };

  // A small version has come, or a file has gone.
  const refill = (html) => {
    const template = document.createElement("template");
    template.innerHTML = html;
    const files = template.content.firstElementChild;
    const before = document.getElementById(files?.id);
    if (!before) return;
    before.replaceWith(files);
    htmx.process(files);
    htmx.trigger(files, "htmx:load");
  };

  // The stream's extension would append as things arrive; here the numbers decide.
  list.addEventListener("htmx:sseBeforeMessage", (event) => {
    event.preventDefault();
    const { type, data } = event.detail;
    if (type === "delete" || type === "edit") alter(data);
    else if (type === "reaction") list.react(data);
    else if (type === "files") refill(data);
    else list.take(data);
  });

  htmx.onLoad((root) => {
    if (isMessage(root)) arrangeWithNext(root);
    else root.querySelectorAll(".message").forEach(arrange);
  });

  // The answer to an edit or a deletion, made in the dialog: the stream may have been faster.
  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt, successful, xhr } = event.detail;
    if (successful && elt.matches?.("[data-alters]")) alter(xhr.responseText);
  });

  document.addEventListener("joined", (event) => {
    room.dataset.me = event.detail.me;
    list.querySelectorAll(".message").forEach(arrange);
  });
})();
