// The scroll of the log. The column is reversed: scrollTop is 0 at its end and negative above it.
(() => {
  "use strict";
  const log = document.getElementById("log");
  if (!log) return;
  const jump = document.getElementById("jump");
  let unseen = 0;
  let owed = 0;

  const content = log.querySelector(".log-content");
  const height = () => content.getBoundingClientRect().height;
  const atEnd = () => log.scrollTop > -80;
  const toEnd = () => { log.scrollTop = 0; };
  const tell = () => {
    jump.hidden = unseen === 0 || (atEnd() && !document.hidden);
    log.dispatchEvent(new CustomEvent("unseen", { detail: unseen }));
  };
  const seen = () => { if (atEnd() && !document.hidden) unseen = 0; tell(); };

  // A browser scrolls by whole pixels: what is lost in one step is made good in the next.
  const keepPlace = (grown) => {
    const from = log.scrollTop;
    log.scrollTop = from - grown - owed;
    owed += grown - (from - log.scrollTop);
  };

  // Runs a change somewhere in the log: who reads its end stays there, who reads above is not moved.
  log.keep = (change) => {
    const following = atEnd();
    const before = height();
    change();
    if (following) toEnd();
    else keepPlace(height() - before);
  };

  // Runs a change at the end of the log: followed by who reads the end, not noticed by who reads above.
  log.grow = (change, own) => {
    const following = atEnd();
    const before = height();
    change();
    if (own || following) toEnd();
    else keepPlace(height() - before);
    if (!own && (!following || document.hidden)) unseen += 1;
    tell();
  };

  log.addEventListener("scroll", seen, { passive: true });
  document.addEventListener("visibilitychange", seen);
  jump.addEventListener("click", () => { toEnd(); log.focus({ preventScroll: true }); });
})();
