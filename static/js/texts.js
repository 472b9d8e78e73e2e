// The words of scripts, and those of fragments that come live in English for everybody, in the language of the page.
// A page in another language than English brings a table; the English words are its keys.
(() => {
  "use strict";
  const lang = document.documentElement.lang || "en";
  const table = globalThis.chatpopTexts || {};
  const plurals = new Intl.PluralRules(lang);
  const point = new Intl.NumberFormat(`${lang}-u-nu-latn`).format(0.5)[1];
  const mine = navigator.languages.find((one) => one.split("-")[0] === lang) || lang;

  // The reader's own variant of the page's language, with the digits that the rest of the page has.
  globalThis.chatpopLocale = `${mine}-u-nu-latn`;

  // "3 reading along" is looked up as "# reading along", in the form that the number takes.
  globalThis.chatpopSay = (english, values = {}) => {
    let said = table[english];
    if (said === undefined) {
      const number = english.match(/\d+(\.\d+)?/)?.[0];
      const forms = number === undefined ? undefined : table[english.replace(number, "#")];
      const shown = number?.replace(".", point);
      said = forms === undefined ? english : (forms[plurals.select(Number(number))] ?? forms.other).replace("#", shown);
    }
    return Object.entries(values).reduce((words, [name, value]) => words.replace(`{${name}}`, () => value), said);
  };

  const translate = (element) => {
    if ("t" in element.dataset) element.textContent = chatpopSay(element.textContent.trim());
    if (!("tLabel" in element.dataset)) return;
    for (const name of ["aria-label", "title"]) {
      if (element.hasAttribute(name)) element.setAttribute(name, chatpopSay(element.getAttribute(name)));
    }
  };

  if (globalThis.chatpopTexts) {
    htmx.onLoad((root) => {
      for (const element of [root, ...root.querySelectorAll("[data-t], [data-t-label]")]) translate(element);
    });
  }
})();
