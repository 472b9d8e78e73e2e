// After a swap the keyboard stays where it was, and what matters is said aloud once.
(() => {
  "use strict";
  const PLACES = ":is(a[href], button, input, select, textarea):not([disabled], [type=hidden], [tabindex='-1'])";
  let last = null;
  let inDoor = false;
  let target = null;

  // A disabled button loses the focus before htmx could remember it.
  document.addEventListener("htmx:beforeRequest", (event) => {
    const active = document.activeElement;
    const asking = event.detail.elt;
    last = asking.contains(active) || active?.form === asking ? active : null;
    inDoor = Boolean(asking.closest("#doorstep"));
    target = event.detail.target;
  });

  document.addEventListener("htmx:afterRequest", () => {
    const before = last;
    last = null;
    if (!before || (document.activeElement && document.activeElement !== document.body)) return;
    const again = before.isConnected ? before : document.getElementById(before.id);
    const near = () => {
      if (inDoor) return document.querySelector("#doorstep :is(button, input:checked, textarea)");
      // The first control of what has come in the target's place, or else the page's own part.
      const place = target?.isConnected ? target : document.getElementById(target?.id);
      return document.getElementById("log") || place?.querySelector(PLACES) || document.getElementById("content");
    };
    (again || near())?.focus({ preventScroll: true });
  });

  htmx.onLoad((root) => {
    const words = root.querySelector("[data-announce]");
    if (words && root !== document.body) document.getElementById("announcer").say(words.textContent.trim());
  });
})();
