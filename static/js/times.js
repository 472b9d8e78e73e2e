// Time elements in the reader's own zone and language: the hour, a date, or "5 minutes ago".
(() => {
  "use strict";
  const hour = new Intl.DateTimeFormat(chatpopLocale, { hour: "2-digit", minute: "2-digit" });
  const date = new Intl.DateTimeFormat(chatpopLocale, { day: "numeric", month: "long", year: "numeric" });
  const medium = new Intl.DateTimeFormat(chatpopLocale, { dateStyle: "medium", timeStyle: "short" });
  const full = new Intl.DateTimeFormat(chatpopLocale, { dateStyle: "full", timeStyle: "short" });
  const ago = new Intl.RelativeTimeFormat(chatpopLocale, { numeric: "auto" });
  const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60]];

  const relative = (moment) => {
    const seconds = (moment - Date.now()) / 1000;
    const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) || ["minute", 60];
    return ago.format(Math.round(seconds / size), unit);
  };

  const localise = (time) => {
    const moment = new Date(time.dateTime);
    if (Number.isNaN(moment.getTime())) return;
    time.title = full.format(moment);
    if (time.closest("[data-relative]")) time.textContent = relative(moment);
    else time.textContent = ({ date, full: medium }[time.dataset.format] || hour).format(moment);
  };

  globalThis.chatpopTimes = { relative, medium: (moment) => medium.format(moment) };
  htmx.onLoad((root) => root.querySelectorAll("time[datetime]").forEach(localise));
  setInterval(() => document.querySelectorAll("[data-relative] time").forEach(localise), 60000);
})();
