// The service worker, set up once the page stands; and its offline page, which goes away by itself.
(() => {
  "use strict";
  const PAUSE = 5000;
  const register = () => navigator.serviceWorker.register("/service-worker.js").catch(() => { /* the site works without */ });
  if ("serviceWorker" in navigator) addEventListener("load", () => setTimeout(register, 1000));

  if (!document.querySelector("[data-offline]")) return;
  const tryAgain = async () => {
    try {
      if (!(await fetch("/healthz", { cache: "no-store" })).ok) return;
    } catch { return; }
    if (location.pathname === "/offline") location.replace("/");
    else location.reload();
  };
  addEventListener("online", tryAgain);
  setInterval(tryAgain, PAUSE);
})();
