// Reactions: which are the reader's own, what comes live, and the small toolbar over a message that a mouse or the keyboard is on.
(() => {
  "use strict";
  const list = document.getElementById("messages");
  const template = document.getElementById("toolbar");
  if (!list || !template) return;
  const room = document.getElementById("room");
  const words = Object.fromEntries([...template.content.querySelectorAll("button")].map((sign) => [sign.value, sign.getAttribute("aria-label")]));

  // The fragments are the same for everybody: what is pressed, and how it is read out, is the page's.
  const mark = (root) => root.querySelectorAll(".reaction").forEach((sign) => {
    const isOwn = Boolean(room.dataset.me) && sign.dataset.tags.split(" ").includes(room.dataset.me);
    sign.setAttribute("aria-pressed", isOwn);
    sign.setAttribute("aria-label", `${words[sign.value] || sign.value}, ${sign.textContent.trim().split(/\s+/).pop()}`);
  });

  list.react = (html) => {
    const place = document.createElement("template");
    place.innerHTML = html;
    const now = place.content.querySelector(".reactions");
    const message = now && document.getElementById(`message-${now.dataset.message}`);
    if (!message || message.classList.contains("message-deleted")) return;
    const before = message.querySelector(".reactions");
    const pressed = before?.contains(document.activeElement) && document.activeElement.value;
    mark(now);
    document.getElementById("log").keep(() => {
      before?.remove();
      if (now.childElementCount) message.append(now);
    });
    htmx.process(now);
    if (pressed) (now.querySelector(`[value="${pressed}"]`) || message.querySelector(".message-more")).focus({ preventScroll: true });
  };

  htmx.onLoad((root) => mark(root));
  document.addEventListener("joined", () => mark(list));

  // The answer to a press: the stream may have been faster, or there is none on a page of older messages.
  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt, successful, xhr } = event.detail;
    if (successful && elt.matches?.("[data-reacts]")) list.react(xhr.responseText);
  });

  const toolbar = template.content.querySelector("form");
  const reply = toolbar.querySelector("[data-reply]");
  const hover = matchMedia("(hover: hover) and (pointer: fine)");

  const show = (message) => {
    if (toolbar.parentNode === message || !hover.matches || toolbar.contains(document.activeElement)) return;
    if (!document.getElementById("composer-form") || message.classList.contains("message-deleted")) return;
    toolbar.setAttribute("hx-post", `/rooms/${room.dataset.code}/messages/${message.dataset.seq}/reactions`);
    reply.dataset.reply = message.dataset.seq;
    message.append(toolbar);
    htmx.process(toolbar);
  };

  ["pointerover", "focusin"].forEach((type) => list.addEventListener(type, (event) => {
    const message = event.target.closest(".message");
    if (message) show(message);
  }));
  list.addEventListener("pointerleave", () => { if (!toolbar.contains(document.activeElement)) toolbar.remove(); });
})();
