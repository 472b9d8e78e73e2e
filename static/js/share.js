// Copying the room's link.
(() => {
  "use strict";
  const copy = async (input) => {
    try {
      await navigator.clipboard.writeText(input.value);
    } catch {
      // No clipboard on plain http: the old way still works there.
      input.select();
      document.execCommand("copy");
    }
  };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await copy(document.getElementById(button.dataset.copy));
    const words = button.dataset.words || button.textContent;
    button.dataset.words = words;
    button.textContent = "Copied";
    document.getElementById("announcer").say("Link copied");
    setTimeout(() => { button.textContent = words; }, 2000);
  });
})();
