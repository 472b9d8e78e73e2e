// After a swap the keyboard stays where it was, and what matters is said aloud once.
(() => {
  "use strict";
  let last = null;
  let inDoor = false;

  // A disabled button loses the focus before htmx could remember it.
  document.addEventListener("htmx:beforeRequest", (event) => {
    const active = document.activeElement;
    const asking = event.detail.elt;
    last = asking.contains(active) || active?.form === asking ? active : null;
    inDoor = Boolean(asking.closest("#doorstep"));
  });

  document.addEventListener("htmx:afterRequest", () => {
    const before = last;
    last = null;
    if (!before || (document.activeElement && document.activeElement !== document.body)) return;
    const again = before.isConnected ? before : document.getElementById(before.id);
    const near = () => document.querySelector(inDoor ? "#doorstep :is(button, input:checked, textarea)" : "#log");
    (again || near())?.focus({ preventScroll: true });
  });

  htmx.onLoad((root) => {
    const words = root.querySelector("[data-announce]");
    if (words && root !== document.body) document.getElementById("announcer").textContent = words.textContent.trim();
  });
})();
