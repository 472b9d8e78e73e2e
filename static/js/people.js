// Who is here: the number in the header, and which of them is the reader.
(() => {
  "use strict";
  const mark = () => {
    const list = document.querySelector("[data-people]");
    if (!list) return;
    const me = document.getElementById("room").dataset.me;
    document.querySelectorAll("[data-people-count]").forEach((count) => { count.textContent = list.dataset.people; });
    list.querySelectorAll("[data-tag]").forEach((person) => person.classList.toggle("person-me", person.dataset.tag === me));
  };

  // A phone turned round, a window widened: the sheet is a column again.
  matchMedia("(min-width: 60rem)").addEventListener("change", () => document.querySelector(".side:popover-open")?.hidePopover());

  htmx.onLoad((root) => { if (root === document.body || root.closest("#people")) mark(); });
  document.addEventListener("joined", () => setTimeout(mark));
})();
