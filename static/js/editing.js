// Editing an own message: the arrow up in an empty composer opens the last one, Enter saves, Escape leaves it as it was.
(() => {
  "use strict";
  const dialog = document.getElementById("acts-dialog");
  if (!dialog) return;

  const lastOwn = (minutes) => {
    const own = [...document.querySelectorAll("#messages > .message.mine:not(.message-deleted)")].at(-1);
    const age = own && Date.now() - new Date(own.querySelector("time").dateTime);
    return age < minutes * 60000 ? own : null;
  };

  document.addEventListener("keydown", (event) => {
    const box = event.target;
    if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
    if (box.id === "edit-text" && event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      box.form.requestSubmit();
    }
    if (box.id !== "composer-text" || event.key !== "ArrowUp" || event.shiftKey || box.value) return;
    const message = lastOwn(Number(box.form.dataset.editMinutes));
    if (!message) return;
    event.preventDefault();
    dialog.load(`/rooms/${document.getElementById("room").dataset.code}/messages/${message.dataset.seq}/edit`, box);
  });

  // The writing goes on at the end of the text.
  document.addEventListener("focusin", (event) => {
    if (event.target.id === "edit-text" && !event.relatedTarget?.closest("#acts")) event.target.selectionStart = event.target.value.length;
  });
})();
