// Keys for who has no hand at a mouse: from message to message, into the composer, and a sheet that lists them.
// Single letters can be turned off on the sheet, and never act where somebody writes.
(() => {
  "use strict";
  const KEY = "chatpop:shortcuts";
  const log = document.getElementById("log");
  const sheet = document.getElementById("shortcuts");
  if (!log || !sheet) return;
  const list = document.getElementById("messages");
  const choice = document.getElementById("shortcuts-on");
  const isOn = () => { try { return localStorage.getItem(KEY) !== "off"; } catch { return true; } };
  const isWriting = (element) => element.matches?.("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]");
  const focused = () => document.activeElement.closest?.(".message");

  const show = (message) => {
    if (!message) return;
    message.tabIndex = -1;
    message.focus({ preventScroll: true });
    message.scrollIntoView({ block: "nearest" });
  };
  const step = (back) => {
    const all = [...list.querySelectorAll(":scope > .message:not([hidden])")];
    const at = all.indexOf(focused());
    if (at < 0) show(all.at(-1));
    else show(all[at + (back ? -1 : 1)]);
  };
  const write = () => (document.getElementById("composer-text") || document.querySelector("#doorstep :is(button, a.button)"))?.focus();
  const edit = (message) => {
    if (!message?.matches(".mine:not(.message-deleted)")) return;
    document.getElementById("acts-dialog").load(`/rooms/${document.getElementById("room").dataset.code}/messages/${message.dataset.seq}/edit`, message);
  };
  const open = () => { choice.checked = isOn(); sheet.showModal(); };

  const LETTERS = {
    "?": open,
    "/": () => document.getElementById("search-link")?.click(),
    j: () => step(false),
    k: () => step(true),
    w: write,
    r: () => { if (focused()) list.replyTo(focused()); },
    e: () => edit(focused()),
  };

  document.addEventListener("click", (event) => { if (event.target.closest("[data-shortcuts]")) open(); });
  choice.addEventListener("change", () => {
    try { localStorage.setItem(KEY, choice.checked ? "on" : "off"); } catch { /* then they stay on */ }
  });
  sheet.addEventListener("click", (event) => { if (event.target === sheet) sheet.close(); });

  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const inLog = target === log || target.matches?.(".message");
    let act = null;
    if (inLog && (key === "ArrowUp" || key === "ArrowDown")) act = () => step(key === "ArrowUp");
    else if (target.matches?.(".message") && key === "Enter") act = () => target.querySelector(".message-more")?.click();
    else if (target.closest?.(".message") && key === "Escape") act = write;
    else if (!isWriting(target) && isOn() && Object.hasOwn(LETTERS, key)) act = LETTERS[key];
    if (!act) return;
    event.preventDefault();
    act();
  });
})();
