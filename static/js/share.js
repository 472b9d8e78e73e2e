// Copying: the room's link, a message's link, its text.
(() => {
  "use strict";
  const textOf = ({ dataset, href }) => {
    if (dataset.copy) return document.getElementById(dataset.copy).value;
    return dataset.copyText ?? href;
  };

  const copy = async (button) => {
    const text = textOf(button);
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // No clipboard on plain http: the old way still works there, from within the dialog that is open.
      const field = Object.assign(document.createElement("textarea"), { value: text, className: "visually-hidden" });
      button.after(field);
      field.select();
      document.execCommand("copy");
      field.remove();
      button.focus({ preventScroll: true });
    }
  };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy], [data-copy-link], [data-copy-text]");
    if (!button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    await copy(button);
    const words = button.dataset.words || button.textContent;
    button.dataset.words = words;
    button.textContent = chatpopSay("Copied");
    document.getElementById("announcer").say(chatpopSay(button.dataset.copyText === undefined ? "Link copied" : "Text copied"));
    setTimeout(() => { button.textContent = words; }, 2000);
  });
})();
