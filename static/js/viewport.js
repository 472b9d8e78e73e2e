// A phone's keyboard covers the page without resizing it: the room is as high as what is left to see.
(() => {
  "use strict";
  const view = window.visualViewport;
  if (!view || !document.getElementById("room")) return;
  const fit = () => {
    // Zoomed in by hand it is a magnifier, not a keyboard.
    if (view.scale > 1.01) return;
    document.documentElement.style.setProperty("--viewport-height", `${view.height}px`);
    scrollTo(0, 0);
  };
  view.addEventListener("resize", fit);
})();
