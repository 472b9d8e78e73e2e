// Being told while one looks elsewhere: switched on and off by a button, and never asked for otherwise.
(() => {
  "use strict";
  const KEY = "chatpop:push-card";
  const cards = document.querySelectorAll("[data-push]");
  if (!cards.length) return;
  // A browser may forbid the store altogether.
  const putAway = () => { try { return localStorage.getItem(KEY) !== null; } catch { return false; } };
  const remember = () => { try { localStorage.setItem(KEY, "1"); } catch { /* it is gone from this page */ } };
  const isAble = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

  const show = (state) => cards.forEach((card) => {
    const isOffer = "pushOffer" in card.dataset;
    card.querySelectorAll("[data-when]").forEach((part) => { part.hidden = !part.dataset.when.split(" ").includes(state); });
    card.hidden = isOffer && (state === "unable" || state === "denied" || (state === "on" && card.dataset.push === "on") || putAway());
  });

  const post = async (path, body) => {
    const answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(String(answer.status));
  };

  const bytes = (text) => {
    const raw = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(raw, (char) => char.charCodeAt(0));
  };

  // A subscription made with another key of the site is of no use.
  const subscribe = async (manager) => {
    const { key } = await (await fetch("/push/key", { headers: { Accept: "application/json" } })).json();
    const options = { userVisibleOnly: true, applicationServerKey: bytes(key) };
    try {
      return await manager.subscribe(options);
    } catch (error) {
      if (error.name !== "InvalidStateError") throw error;
      await (await manager.getSubscription())?.unsubscribe();
      return manager.subscribe(options);
    }
  };

  const manager = async () => (await navigator.serviceWorker.register("/service-worker.js") && await navigator.serviceWorker.ready).pushManager;

  const acts = {
    async on() {
      if (await Notification.requestPermission() !== "granted") return show(Notification.permission === "denied" ? "denied" : "off");
      await post("/push/subscriptions", await subscribe(await manager()));
      show("on");
    },
    async off() {
      const found = await (await manager()).getSubscription();
      if (found) {
        await post("/push/subscriptions/end", { endpoint: found.endpoint });
        await found.unsubscribe();
      }
      show("off");
    },
    later() {
      remember();
      show("off");
    },
  };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-push-do]");
    if (!button) return;
    button.disabled = true;
    try {
      await acts[button.dataset.pushDo]();
    } catch {
      show("failed");
    } finally {
      button.disabled = false;
    }
  });

  // The browser may have lost what the site still knows: then it can be switched on again.
  const start = async () => {
    if (!isAble) return show("unable");
    if (Notification.permission === "denied") return show("denied");
    if (cards[0].dataset.push !== "on") return show("off");
    const registration = await navigator.serviceWorker.getRegistration();
    return show(await registration?.pushManager.getSubscription() ? "on" : "off");
  };
  start();
})();
