// The live line of a room. htmx's SSE extension connects and swaps; the source it gets from here keeps two promises that
// a plain EventSource does not: a reopened line continues after the last event seen, and it is reopened soon, with
// jitter, whatever way it broke (a browser waits three seconds or gives up, the extension waits up to a minute).
(() => {
  "use strict";
  const room = document.getElementById("room");
  const words = document.getElementById("live");
  const LOGGED = ["message", "edit", "delete", "reaction"];
  const STALE = 30000;
  let line = null;

  const STEADY = 5000;

  // For a dozen seconds it is about to be back; one that stays away is asked less often.
  const most = (tries) => (tries > 40 ? 30000 : tries > 10 ? 5000 : 2000);

  // The first try comes at once: a site that lost a process has another one by then. Jitter spreads a crowd.
  const pause = (tries) => {
    if (tries === 0) return 100 + Math.random() * 300;
    return Math.min(most(tries), 550 * 1.3 ** tries) * (0.5 + Math.random() / 2);
  };

  class Line {
    constructor(url) {
      this.url = new URL(url, location.href);
      this.last = Number(this.url.searchParams.get("after")) || 0;
      this.listeners = new Map();
      this.tries = 0;
      this.opened = Infinity;
      line = this;
      // The site lets this session in no longer; it may say why.
      this.addEventListener("end", (event) => this.end(event.data === "end" ? chatpopSay("The live line has ended.") : event.data));
      this.open();
    }

    get readyState() { return this.ended ? EventSource.CLOSED : EventSource.OPEN; }

    open() {
      if (this.ended) return;
      this.drop();
      this.url.searchParams.set("after", this.last);
      const source = new EventSource(this.url, { withCredentials: true });
      this.source = source;
      this.listeners.forEach((_, type) => this.listen(type));
      source.onopen = () => { this.opened = Date.now(); this.tell("live"); this.onopen?.(); };
      source.onerror = () => this.retry();
    }

    listen(type) {
      this.source?.addEventListener(type, (event) => this.deliver(event));
    }

    addEventListener(type, listener) {
      if (!this.listeners.has(type)) {
        this.listeners.set(type, new Set());
        this.listen(type);
      }
      this.listeners.get(type).add(listener);
    }

    removeEventListener(type, listener) { this.listeners.get(type)?.delete(listener); }

    deliver(event) {
      const id = Number(event.lastEventId);
      if (LOGGED.includes(event.type) && id) {
        if (id <= this.last) return;
        this.last = id;
      }
      this.listeners.get(event.type)?.forEach((listener) => listener(event));
    }

    retry() {
      this.drop();
      if (this.ended) return;
      if (Date.now() - this.opened > STEADY) this.tries = 0;
      this.opened = Infinity;
      this.tell(navigator.onLine ? "waiting" : "offline");
      this.timer = setTimeout(() => this.open(), pause(this.tries));
      this.tries += 1;
    }

    drop() {
      clearTimeout(this.timer);
      this.source?.close();
      this.source = null;
    }

    end(reason) {
      this.close();
      this.tell("ended", reason);
      document.dispatchEvent(new CustomEvent("line-ended"));
    }

    close() {
      this.ended = true;
      this.drop();
    }

    tell(state, reason = "") {
      if (!words) return;
      room.dataset.live = state;
      words.textContent = { live: "", waiting: chatpopSay("Reconnecting…"), offline: chatpopSay("You are offline. Reconnecting…"), ended: `${reason} ` }[state];
      if (state !== "ended") return;
      words.append(Object.assign(document.createElement("a"), { href: location.pathname, textContent: chatpopSay("Reload the room") }));
    }
  }

  htmx.createEventSource = (url) => new Line(url);

  const reopen = () => { if (line && !line.ended) { line.tries = 0; line.open(); } };
  addEventListener("online", reopen);
  addEventListener("offline", () => line?.retry());
  // A page put away keeps no line; brought back it continues where it was.
  addEventListener("pagehide", () => line?.drop());
  addEventListener("pageshow", (event) => { if (event.persisted) reopen(); });

  // A phone that slept may hold a line that is long dead without knowing it.
  let hidden = 0;
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) hidden = Date.now();
    else if (Date.now() - hidden > STALE) reopen();
  });

  // The line was opened as a visitor; from now on it is a participant's.
  document.addEventListener("joined", reopen);
})();
