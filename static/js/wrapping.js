// Ctrl or Cmd with B, I, E: the selection in the composer becomes bold, italic, code, or is that no more.
(() => {
  "use strict";
  const SIGNS = { b: "**", i: "_", e: "`" };

  // As if typed, so that the browser can undo it.
  const type = (box, text) => {
    if (!document.execCommand("insertText", false, text)) box.setRangeText(text, box.selectionStart, box.selectionEnd, "end");
  };

  const wrap = (box, sign) => {
    const { selectionStart: start, selectionEnd: end, value } = box;
    const chosen = value.slice(start, end);
    const size = sign.length;
    if (value.slice(start - size, start) === sign && value.slice(end, end + size) === sign) {
      box.setSelectionRange(start - size, end + size);
      type(box, chosen);
      box.setSelectionRange(start - size, end - size);
      return;
    }
    type(box, sign + chosen + sign);
    box.setSelectionRange(start + size, end + size);
  };

  document.addEventListener("keydown", (event) => {
    const sign = SIGNS[event.key.toLowerCase()];
    if (event.target.id !== "composer-text" || !sign || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    wrap(event.target, sign);
  });
})();
