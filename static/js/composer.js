// Writing: Enter sends, the draft survives failures and reloads, the box empties only when the server has the message.
(() => {
  "use strict";
  const LIMIT = 5000;
  const LOW = 250;
  const form = () => document.getElementById("composer-form");
  const box = () => document.getElementById("composer-text");
  const isComposer = (element) => element?.id === "composer-form";
  const draftKey = () => `chatpop:draft:${form().dataset.room}`;
  // A browser may forbid the store altogether.
  const draft = () => { try { return sessionStorage.getItem(draftKey()) || ""; } catch { return ""; } };
  const keep = (text) => { try { sessionStorage.setItem(draftKey(), text); } catch { /* then the box alone keeps it */ } };
  let sent = null;
  // Enter came while a message was on its way: what stands in the box then goes next.
  let isNext = false;

  // The files that go with the message, and whether some are still on their way.
  const files = () => new FormData(form()).getAll("attachments");
  const isEmpty = () => !box().value.trim() && !document.querySelector('#composer-files [data-state="sending"]') && !files().length;
  const isSame = () => sent !== null && sent.text === box().value && sent.reply === form().elements.reply_to.value && String(sent.files) === String(files());

  const newId = () => {
    // randomUUID exists only on https and localhost.
    if (crypto.randomUUID) return crypto.randomUUID();
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  };

  const changed = () => {
    const text = box();
    const left = LIMIT - text.value.length;
    const place = document.getElementById("composer-left");
    place.textContent = left <= LOW ? chatpopSay(`${left} left`) : "";
    place.toggleAttribute("data-low", left <= 20);
    keep(text.value);
    if (!CSS.supports("field-sizing", "content")) {
      text.style.height = "auto";
      text.style.height = `${text.scrollHeight}px`;
    }
  };

  const start = () => {
    if (!box()) return;
    form().elements.client_id.value = newId();
    if (!box().value) box().value = draft();
    changed();
  };

  document.addEventListener("input", (event) => { if (event.target === box()) changed(); });

  document.addEventListener("keydown", (event) => {
    if (event.target !== box() || event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    if (isEmpty()) return;
    if (form().matches(".htmx-request")) isNext = true;
    else form().requestSubmit();
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    if (!isComposer(event.detail.elt) || !isNext) return;
    isNext = false;
    if (event.detail.successful && !isEmpty()) setTimeout(() => form().requestSubmit());
  });

  // The keyboard of a phone stays up when the send button is tapped.
  document.addEventListener("pointerdown", (event) => {
    if (event.target.closest?.(".composer-send") && document.activeElement === box()) event.preventDefault();
  });

  // Nothing to send.
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!isComposer(event.detail.elt) || !isEmpty()) return;
    event.preventDefault();
    box().focus({ preventScroll: true });
  }, true);

  // The same message tried again keeps its number, so it is stored once; a changed one is another message.
  document.addEventListener("htmx:configRequest", (event) => {
    if (!isComposer(event.detail.elt)) return;
    const { client_id: id } = form().elements;
    if (sent !== null && !isSame()) id.value = newId();
    sent = { text: box().value, files: files(), reply: form().elements.reply_to.value };
    event.detail.parameters.client_id = id.value;
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!isComposer(event.detail.requestConfig.elt) || event.detail.xhr.status >= 300) return;
    event.detail.shouldSwap = false;
    // A page of older messages has no live line: the new message stands on the newest page.
    if (!document.querySelector("[sse-connect]")) location.assign(form().action.replace(/\/messages$/, ""));
    document.getElementById("messages").take(event.detail.xhr.responseText);
    // What was typed while the message was on its way stays.
    const text = box();
    const { text: said, files: gone } = sent;
    if (text.value === said) text.value = "";
    else if (text.value.startsWith(said)) text.value = text.value.slice(said.length).trimStart();
    form().querySelectorAll(".composer-file").forEach((line) => {
      const id = line.querySelector("[name=attachments]")?.value;
      if (line.dataset.state === "failed" || gone.includes(id)) line.remove();
    });
    sent = null;
    form().elements.client_id.value = newId();
    changed();
    text.focus({ preventScroll: true });
  });

  htmx.onLoad((root) => { if (root === document.body || root.querySelector("#composer-form")) start(); });
})();
