// Completing a word in the composer: a list of what may be meant. The focus stays in the box, the chosen option is told by
// aria-activedescendant. Sources (people, emoji) bring the options of the sign that they know.
(() => {
  "use strict";
  const WORD = /(?:^|[\s(*_~>])([@:])([\w+-]{0,40})$/;
  const MOST = 8;
  const sources = new Map();
  const box = () => document.getElementById("composer-text");
  const list = () => document.getElementById("suggestions");
  let options = [];
  let chosen = 0;
  let asked = 0;

  document.completes = (sign, source) => sources.set(sign, source);

  const begun = () => {
    const text = box();
    if (text.selectionStart !== text.selectionEnd) return null;
    const found = WORD.exec(text.value.slice(0, text.selectionStart));
    return found && sources.has(found[1]) ? { sign: found[1], word: found[2] } : null;
  };

  const empty = () => {
    options = [];
    if (!list()) return;
    list().hidden = true;
    list().replaceChildren();
    box()?.removeAttribute("aria-activedescendant");
  };

  // What is still on its way is not shown any more.
  const close = () => { asked += 1; empty(); };

  const choose = (place) => {
    chosen = (place + options.length) % options.length;
    [...list().children].forEach((line, number) => line.setAttribute("aria-selected", number === chosen));
    list().children[chosen].scrollIntoView({ block: "nearest" });
    box().setAttribute("aria-activedescendant", `suggestion-${chosen}`);
  };

  const show = (found) => {
    options = found.slice(0, MOST);
    if (!options.length) { empty(); return; }
    list().replaceChildren(...options.map((option, number) => {
      const line = Object.assign(document.createElement("li"), { id: `suggestion-${number}`, textContent: option.label });
      line.setAttribute("role", "option");
      return line;
    }));
    list().hidden = false;
    choose(0);
  };

  const look = async () => {
    const here = begun();
    if (!here) { close(); return; }
    const turn = (asked += 1);
    // What is at hand is shown at once, the rest when it comes and nobody has typed on.
    await sources.get(here.sign)(here.word, (found) => { if (turn === asked) show(found); });
  };

  // As if typed, so that the browser can undo it.
  const take = (place) => {
    const { word } = begun() || {};
    const { text } = options[place] || {};
    close();
    if (word === undefined || text === undefined) return;
    const field = box();
    const end = field.selectionStart;
    field.setSelectionRange(end - word.length - 1, end);
    if (!document.execCommand("insertText", false, `${text} `)) field.setRangeText(`${text} `, end - word.length - 1, end, "end");
  };

  const KEYS = {
    ArrowDown: () => choose(chosen + 1),
    ArrowUp: () => choose(chosen - 1),
    Enter: () => take(chosen),
    Tab: () => take(chosen),
    Escape: close,
  };

  document.addEventListener("input", (event) => { if (event.target === box() && !event.isComposing) look(); });
  document.addEventListener("keydown", (event) => {
    if (event.target !== box() || !options.length || event.isComposing || event.shiftKey || event.ctrlKey || event.metaKey || !KEYS[event.key]) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    KEYS[event.key]();
  }, true);
  // The caret has gone elsewhere.
  document.addEventListener("selectionchange", () => { if (options.length && (document.activeElement !== box() || !begun())) close(); });
  document.addEventListener("pointerdown", (event) => { if (event.target.closest?.("#suggestions")) event.preventDefault(); });
  document.addEventListener("click", (event) => {
    const line = event.target.closest?.("#suggestions li");
    if (line) take([...list().children].indexOf(line));
    else close();
  });
  document.addEventListener("focusout", (event) => { if (event.target === box()) close(); });
})();
