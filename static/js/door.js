// The room's door, where one writes or comes in, follows what holds: muted, banned, closed to guests, slow mode.
(() => {
  "use strict";
  const room = document.getElementById("room");
  if (!room) return;
  const state = () => document.querySelector(".room-state");
  let closed = state()?.dataset.closed;

  const refresh = () => {
    const before = document.getElementById("doorstep");
    if (!before) return;
    const active = document.activeElement;
    const wasHere = active === document.body || before.contains(active);
    htmx.ajax("GET", `/rooms/${room.dataset.code}/door`, { target: "#doorstep", swap: "outerHTML" }).then(() => {
      if (wasHere) (document.getElementById("composer-text") || document.querySelector("#doorstep :is(.button, button)"))?.focus({ preventScroll: true });
    });
  };

  // The line was ended by the site: the door says why.
  document.addEventListener("line-ended", refresh);

  // Members may write in a closed room: nothing changes for them.
  htmx.onLoad((root) => {
    if (!root.matches?.(".room-state")) return;
    if (root.dataset.closed !== closed && document.querySelector("#doorstep[data-bound]")) refresh();
    closed = root.dataset.closed;
  });

  // A pinned message that is deleted is pinned no more.
  document.getElementById("messages")?.addEventListener("htmx:sseBeforeMessage", (event) => {
    if (event.detail.type !== "delete") return;
    const seq = /data-seq="(\d+)"/.exec(event.detail.data)?.[1];
    document.querySelector(`.pinned[data-pinned="${seq}"]`)?.remove();
  });

  let counting = 0;
  const wait = (seconds, words) => {
    clearInterval(counting);
    const end = Date.now() + seconds * 1000;
    const show = () => {
      const left = Math.ceil((end - Date.now()) / 1000);
      const notice = document.querySelector("#composer-notice .notice p");
      if (!notice || left <= 0) {
        clearInterval(counting);
        document.getElementById("composer-notice")?.replaceChildren();
        return;
      }
      notice.textContent = `${words} ${chatpopSay(`${left} s to go.`)}`;
    };
    show();
    counting = setInterval(show, 1000);
  };

  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.elt.id !== "composer-form") return;
    const { status } = event.detail.xhr;
    const seconds = Number(event.detail.xhr.getResponseHeader("Retry-After"));
    if (status === 401 || status === 403) refresh();
    else if (status === 429 && seconds > 0 && seconds < 120) {
      const said = document.querySelector("#composer-notice .notice p")?.textContent || "";
      wait(seconds, said.replace(/ Try again in .*$/, ""));
    } else clearInterval(counting);
  });
})();
