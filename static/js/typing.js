// Who is typing: a sign every three seconds while one writes, and a line under the log about the others.
(() => {
  "use strict";
  const PAUSE = 3000;
  const LIFE = 8000;
  const line = document.getElementById("typing");
  if (!line) return;
  const room = document.getElementById("room");
  let told = 0;
  let others = [];
  let clearing = 0;

  document.addEventListener("input", (event) => {
    if (event.target.id !== "composer-text" || !event.target.value.trim() || Date.now() - told < PAUSE) return;
    told = Date.now();
    fetch(`/rooms/${room.dataset.code}/typing`, { method: "POST" }).catch(() => {});
  });
  document.addEventListener("htmx:beforeSwap", (event) => { if (event.detail.requestConfig.elt.id === "composer-form") told = 0; });

  // Names are kept apart from the direction of the words around them.
  const name = (person) => `\u2068${person.name}\u2069`;
  const draw = () => {
    const { one, two, three, many } = line.dataset;
    const form = [, one, two, three][others.length] || many;
    line.textContent = others.length ? form.replace(/\{(\d)\}/g, (_, place) => name(others[place - 1])) : "";
  };
  const set = (people) => {
    const ignored = (document.getElementById("ignored")?.dataset.tags || "").split(" ");
    others = people.filter(({ tag }) => tag !== room.dataset.me && !ignored.includes(tag));
    clearTimeout(clearing);
    clearing = setTimeout(() => set([]), LIFE);
    draw();
  };

  line.addEventListener("htmx:sseBeforeMessage", (event) => {
    event.preventDefault();
    const place = document.createElement("template");
    place.innerHTML = event.detail.data;
    set([...place.content.querySelectorAll("[data-tag]")].map((one) => ({ tag: one.dataset.tag, name: one.textContent })));
  });

  // They have written it.
  htmx.onLoad((root) => {
    if (!root.matches(".message") || !others.length) return;
    others = others.filter(({ tag }) => tag !== root.dataset.author);
    draw();
  });
})();
