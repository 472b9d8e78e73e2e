// Messages by people whom the reader ignores: the list comes with the page, because messages are the same for everybody.
(() => {
  "use strict";
  const ignored = new Set((document.getElementById("ignored")?.dataset.tags || "").split(" ").filter(Boolean));
  if (!ignored.size) return;

  const hide = (root) => {
    const messages = root.matches?.(".message") ? [root] : root.querySelectorAll(".message");
    messages.forEach((message) => { message.hidden = ignored.has(message.dataset.author); });
    document.querySelectorAll(".person[data-tag]").forEach((person) => {
      person.classList.toggle("person-ignored", ignored.has(person.dataset.tag));
    });
  };

  htmx.onLoad(hide);
})();
