// Coming in: the dice are busy while they roll, the dialog borrows the one join panel, a join closes it.
(() => {
  "use strict";
  const dialog = document.getElementById("join-dialog");
  const door = document.querySelector(".room-door");
  const panel = () => document.getElementById("doorstep");

  // The panel goes back to where it stood; after a join it is the composer by then.
  const giveBack = () => { if (door && !door.contains(panel())) door.append(panel()); };

  const busy = (on) => (event) => {
    const form = event.detail.elt;
    if (!["roll-form", "join-form", "home-roll-form"].includes(form.id)) return;
    const place = form.closest("#home-dice") || panel();
    if (on) place.setAttribute("aria-busy", "true");
    else place?.removeAttribute("aria-busy");
  };
  document.addEventListener("htmx:beforeRequest", busy(true));
  document.addEventListener("htmx:afterRequest", busy(false));

  document.addEventListener("joined", (event) => {
    giveBack();
    dialog?.close();
    document.getElementById("join-link")?.remove();
    document.getElementById("announcer").say(chatpopSay("You have joined as {name}", { name: event.detail.name }));
    setTimeout(() => document.getElementById("composer-text")?.focus());
  });

  if (!dialog) return;
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-join]") || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    document.getElementById("join-dialog-body").append(panel());
    dialog.showModal();
    const roll = document.getElementById("roll-form");
    if (roll && !document.querySelector(".tray")) roll.requestSubmit();
  });
  dialog.addEventListener("close", giveBack);
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
})();
