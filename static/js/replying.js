// Replies: the bar over the composer, the way from a reply to what it answers, and what it shows of it.
(() => {
  "use strict";
  const list = document.getElementById("messages");
  if (!list) return;
  const WORDS = 120;
  const form = () => document.getElementById("composer-form");
  const bar = () => document.getElementById("replying");
  const messageOf = (seq) => document.getElementById(`message-${seq}`);
  const authorOf = (message) => message.querySelector(".message-author").textContent;
  const wordsOf = (message) => {
    const line = (message.querySelector(".message-body")?.textContent || "").trim().replace(/\s+/g, " ");
    return line.length > WORDS ? `${line.slice(0, WORDS - 1).trimEnd()}…` : line;
  };

  const set = (seq, message) => {
    form().elements.reply_to.value = seq;
    bar().hidden = !seq;
    if (!message) return;
    bar().querySelector("strong").textContent = authorOf(message);
    bar().querySelector(".replying-words").textContent = wordsOf(message);
  };
  const write = () => document.getElementById("composer-text").focus({ preventScroll: true });
  const isReplying = () => Boolean(form()?.elements.reply_to.value);

  list.replyTo = (message) => {
    if (!form()) return;
    set(message.dataset.seq, message);
    write();
  };

  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const reply = event.target.closest("a[data-reply]");
    const message = reply && messageOf(reply.dataset.reply);
    if (message && form()) {
      event.preventDefault();
      const dialog = reply.closest("dialog");
      dialog?.addEventListener("close", write, { once: true });
      dialog?.close();
      list.replyTo(message);
      return;
    }
    if (event.target.closest("#replying a")) {
      event.preventDefault();
      set("");
      write();
      return;
    }
    const original = event.target.closest("a[data-original]");
    const answered = original && messageOf(original.dataset.original);
    if (!answered || answered.hidden) return;
    event.preventDefault();
    answered.scrollIntoView({ block: "center" });
    answered.tabIndex = -1;
    answered.focus({ preventScroll: true });
    answered.classList.remove("found");
    requestAnimationFrame(() => answered.classList.add("found"));
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target.id === "composer-text" && isReplying()) set("");
  });

  // Sent: the next message answers nothing.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.requestConfig.elt.id === "composer-form" && event.detail.xhr.status < 300) set("");
  });

  // A message has been altered or deleted: whatever shows its words follows.
  list.requote = (message) => {
    const isGone = message.classList.contains("message-deleted");
    const words = Object.assign(document.createElement(isGone ? "em" : "span"), { textContent: wordsOf(message) });
    list.querySelectorAll(`[data-original="${message.dataset.seq}"] .original-words`).forEach((place) => place.replaceChildren(words.cloneNode(true)));
    if (form()?.elements.reply_to.value !== message.dataset.seq) return;
    if (isGone) set("");
    else set(message.dataset.seq, message);
  };

  // Whom the reader ignores is not quoted either.
  htmx.onLoad((root) => {
    const ignored = (document.getElementById("ignored")?.dataset.tags || "").split(" ");
    root.querySelectorAll("[data-of]").forEach((original) => { original.hidden = ignored.includes(original.dataset.of); });
  });
})();
