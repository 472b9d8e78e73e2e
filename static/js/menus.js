// Menus made of <details>: one open at a time, closed by a click elsewhere or by Escape.
(() => {
  "use strict";
  const close = (except) =>
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
      if (!except || !menu.contains(except)) menu.open = false;
    });

  document.addEventListener("click", (event) => close(event.target));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.activeElement.closest("details[data-menu][open]");
    close();
    menu?.querySelector("summary").focus();
  });
})();
