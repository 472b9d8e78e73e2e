// What to do with a message or a person: the links open their page's fragment in the room's one dialog.
(() => {
  "use strict";
  const dialog = document.getElementById("acts-dialog");
  if (!dialog) return;
  const body = document.getElementById("acts-dialog-body");
  let opener = null;

  const plain = (event) => event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;

  // From where the focus was, and back to it in the end.
  dialog.load = (path, from) => {
    // On a phone the list of people is a sheet over the page: it makes room for the dialog.
    document.querySelector(".side:popover-open")?.hidePopover();
    if (!dialog.open) opener = from;
    htmx.ajax("GET", path, { target: body, swap: "innerHTML", source: dialog });
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-dialog]");
    if (!link || !plain(event)) return;
    event.preventDefault();
    dialog.load(link.getAttribute("href"), link);
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    if (!body.contains(event.detail.target) || dialog.open) return;
    dialog.showModal();
  });

  // A form that is done with closes the dialog; what it did is seen in the log.
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful && event.detail.elt.closest?.("[data-closes]")) dialog.close();
  });

  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("close", () => {
    body.replaceChildren();
    if (opener?.isConnected) opener.focus({ preventScroll: true });
    else document.getElementById("log").focus({ preventScroll: true });
    opener = null;
  });
})();
