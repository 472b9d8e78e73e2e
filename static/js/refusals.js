// Answers that say no, and answers that never came: shown beside the form, nothing typed is lost.
(() => {
  "use strict";
  const AWAY = "chatpop cannot be reached right now. Nothing is lost: please try again.";
  const BROKEN = "Something broke on our side. Nothing is lost: please try again.";

  const notice = (text) => {
    const box = document.createElement("div");
    box.className = "notice";
    box.append(Object.assign(document.createElement("p"), { textContent: chatpopSay(text) }));
    return box;
  };

  let clearing = 0;
  const toast = (content) => {
    const place = document.getElementById("toasts");
    content.classList.add("toast");
    place.replaceChildren(content);
    clearTimeout(clearing);
    clearing = setTimeout(() => place.replaceChildren(), 8000);
  };

  const placeOf = (element) => document.getElementById(element.closest("[data-refusals]")?.dataset.refusals);
  const show = (element, content) => {
    const place = placeOf(element);
    if (place) place.replaceChildren(content);
    else toast(content);
  };

  const parse = (html) => {
    const template = document.createElement("template");
    template.innerHTML = html;
    return template.content.firstElementChild;
  };

  // Before any other listener: a refusal never reaches the target that was meant for the real answer.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, requestConfig } = event.detail;
    if (xhr.status < 400) return;
    const refusal = parse(xhr.responseText);
    if (!refusal?.hasAttribute("data-refusal")) return;
    event.detail.shouldSwap = false;
    event.detail.isError = false;
    show(requestConfig.elt, refusal);
  }, true);

  document.addEventListener("htmx:beforeRequest", (event) => placeOf(event.detail.elt)?.replaceChildren());
  const gone = (event) => show(event.detail.elt, notice(AWAY));
  document.addEventListener("htmx:sendError", gone);
  document.addEventListener("htmx:timeout", gone);
  document.addEventListener("htmx:responseError", (event) => show(event.detail.elt, notice(BROKEN)));
})();
