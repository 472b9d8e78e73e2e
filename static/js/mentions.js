// People called by "@": who is here, who has written lately, then whom the server knows; and the reader's own name in the log.
(() => {
  "use strict";
  const room = document.getElementById("room");
  if (!room) return;
  const PAUSE = 150;
  const ENOUGH = 8;
  const startsWith = (name, word) => name.toLowerCase().startsWith(word.toLowerCase());

  const atHand = () => {
    const people = new Map();
    const add = (tag, name) => { if (tag && name && tag !== room.dataset.me && !people.has(tag)) people.set(tag, name); };
    [...document.querySelectorAll(".message:not([hidden])")].slice(-100).reverse()
      .forEach((message) => add(message.dataset.author, message.querySelector(".message-author")?.textContent));
    document.querySelectorAll(".person[data-tag]:not(.person-ignored)").forEach((person) => add(person.dataset.tag, person.querySelector(".person-name").textContent));
    return people;
  };

  const asOptions = (people) => [...people.values()].map((name) => ({ label: name, text: `@${name}` }));

  let timer = 0;
  document.completes("@", (word, show) => {
    clearTimeout(timer);
    const people = new Map([...atHand()].filter(([, name]) => startsWith(name, word)));
    show(asOptions(people));
    if (!word || people.size >= ENOUGH) return;
    timer = setTimeout(async () => {
      try {
        const answer = await fetch(`/rooms/${room.dataset.code}/people?q=${encodeURIComponent(word)}`, { headers: { Accept: "application/json" } });
        if (!answer.ok) return;
        const before = people.size;
        (await answer.json()).people.forEach(({ name, tag }) => people.set(tag, name));
        if (people.size > before) show(asOptions(people));
      } catch { /* what is at hand has to do */ }
    }, PAUSE);
  });

  const mark = (root) => root.querySelectorAll(".mention").forEach((mention) => {
    const isMe = mention.dataset.mention === room.dataset.me;
    mention.classList.toggle("mention-me", isMe);
    mention.closest(".message")?.classList.toggle("calls-me", Boolean(mention.closest(".message").querySelector(".mention-me")));
  });
  htmx.onLoad(mark);
  document.addEventListener("joined", () => setTimeout(mark, 0, document));
})();
