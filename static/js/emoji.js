// ":tada:", ":+1:" and ":)" become emoji while one writes, by a table that is fetched at the first ":".
(() => {
  "use strict";
  const LEAST = 2;
  const box = () => document.getElementById("composer-text");
  let table = null;
  let coming = null;

  const get = async () => {
    try {
      table = await (await fetch(document.getElementById("composer-form").dataset.emoji)).json();
      catchUp();
    } catch {
      coming = null; // the line is gone: the next sign asks again
    }
  };
  // Asked for once; whoever needs it waits for the same answer.
  const fetchTable = () => (coming ??= get());

  const own = (some, key) => (Object.hasOwn(some, key) ? some[key] : undefined);
  const emojiOf = (word) => own(table.smileys, word) ?? (/^:.+:$/.test(word) ? own(table.names, word.slice(1, -1)) : undefined);

  document.completes(":", async (word, show) => {
    show([]);
    if (word.length < LEAST) return;
    await fetchTable();
    if (!table) return;
    const names = Object.keys(table.names);
    const found = new Set([...names.filter((name) => name.startsWith(word)), ...names.filter((name) => name.includes(word))]);
    show([...found].map((name) => ({ label: `${table.names[name]} ${name}`, text: table.names[name] })));
  });

  // What was written while the table was on its way.
  const catchUp = () => {
    const text = box();
    if (!text || text.value.includes("`")) return;
    const written = text.value.slice(0, text.selectionEnd);
    const meant = written.replace(/(?<=^|\s)(?::[\w+-]+:|\S+(?=\s))/g, (word) => emojiOf(word) ?? word);
    if (meant !== written) text.setRangeText(meant, 0, written.length, "end");
  };

  // Up to the caret: a name that its second colon has ended, or a smiley that a blank has.
  const replace = () => {
    const text = box();
    const end = text.selectionStart;
    const before = text.value.slice(0, end);
    const [, word, blank] = /(?:^|\s)(:[\w+-]+:)()$/.exec(before) || /(?:^|\s)(\S{2,4})(\s)$/.exec(before) || [];
    const emoji = word && emojiOf(word);
    if (!emoji || (before.split("`").length - 1) % 2) return;
    text.setSelectionRange(end - word.length - blank.length, end);
    if (!document.execCommand("insertText", false, emoji + blank)) text.setRangeText(emoji + blank, end - word.length - blank.length, end, "end");
  };

  document.addEventListener("input", (event) => {
    if (event.target !== box() || event.isComposing || event.inputType?.startsWith("history")) return;
    if (/[:;<]|[Bx][)D]/i.test(box().value)) fetchTable();
    if (table && event.inputType === "insertText") replace();
  });

  // What is sent before a blank has ended it. Code stays as it is.
  document.addEventListener("submit", (event) => {
    if (event.target.id !== "composer-form" || !table || box().value.includes("`")) return;
    box().value = box().value.replace(/(?<=^|\s)\S+(?=\s|$)/g, (word) => emojiOf(word) ?? word);
  }, true);
})();
