// Light and dark: the system's preference, unless somebody chose the other one here.
(() => {
  "use strict";
  const KEY = "chatpop:theme";
  const root = document.documentElement;
  const preferred = () => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");

  const show = (theme) => {
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
  };

  // A browser may forbid the store altogether.
  const stored = () => { try { return localStorage.getItem(KEY); } catch { return null; } };
  const store = (theme) => {
    try {
      if (theme) localStorage.setItem(KEY, theme);
      else localStorage.removeItem(KEY);
    } catch { /* the choice holds for this page only */ }
  };

  show(stored());

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-switch]")) return;
    const now = root.dataset.theme || preferred();
    const next = now === "dark" ? "light" : "dark";
    // Back at the system's own choice there is nothing to remember: the page follows the system again.
    const choice = next === preferred() ? null : next;
    store(choice);
    show(choice);
  });
})();
