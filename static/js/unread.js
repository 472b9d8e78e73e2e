// What is new: a number in the title and a dot on the icon, a line in the log where one left off, and, for the site,
// how far one has read: told when the page is hidden, left or shown again.
(() => {
  "use strict";
  const room = document.getElementById("room");
  const list = document.getElementById("messages");
  const icon = document.querySelector("link[rel=icon]");
  const plain = icon?.href;
  const PAUSE = 3000;

  const badge = (count) => {
    if (icon) icon.href = count ? icon.dataset.unread : plain;
    // An installed site; a browser may refuse it.
    (count ? navigator.setAppBadge?.(count) : navigator.clearAppBadge?.())?.catch(() => { /* then without */ });
  };

  const home = document.querySelectorAll("[data-unread-count]");
  if (home.length) badge(Array.from(home, (mark) => Number(mark.dataset.unreadCount)).reduce((sum, count) => sum + count));
  if (!list) return;

  const title = document.title;
  const log = document.getElementById("log");
  const seqOf = (message) => Number(message.dataset.seq);
  const messages = () => list.querySelectorAll(".message:not(.message-deleted)");
  let mark = null;
  let unseen = 0;

  const draw = (message) => {
    if (mark) delete mark.dataset.new;
    mark = message;
    if (mark) mark.dataset.new = list.dataset.newLabel;
  };

  log.addEventListener("unseen", (event) => {
    const before = unseen;
    unseen = event.detail;
    document.title = unseen ? `(${unseen}) ${title}` : title;
    badge(unseen);
    if (unseen && !before) log.keep(() => draw(list.lastElementChild));
  });

  const read = Number(list.dataset.read);
  if (read) draw(Array.from(messages()).find((message) => seqOf(message) > read && message.dataset.author !== room.dataset.me));

  // Looking away is told at once, coming back only when one stays.
  const last = () => (unseen && mark ? seqOf(mark) - 1 : Math.max(0, ...Array.from(messages(), seqOf)));
  let told = `${last()} 0`;
  let timer = 0;
  const tell = (away) => {
    clearTimeout(timer);
    const said = `${last()} ${away}`;
    if (!room.dataset.me || said === told) return;
    told = said;
    navigator.sendBeacon(`/rooms/${room.dataset.code}/reading`, new URLSearchParams({ seq: last(), away }));
  };
  const shown = () => {
    clearTimeout(timer);
    if (document.hidden) tell(1);
    else timer = setTimeout(tell, PAUSE, 0);
  };
  document.addEventListener("visibilitychange", shown);
  addEventListener("pagehide", () => tell(1));
  // A page is hidden only when the next one has come: what a link leads to should know of it.
  document.addEventListener("click", (event) => { if (event.target.closest?.("a[href]:not([data-dialog], [hx-get])")) tell(0); });
  addEventListener("pageshow", (event) => { if (event.persisted || document.hidden) shown(); });
})();
