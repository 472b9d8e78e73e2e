// The queue's dashboard: what rq-dashboard's scripts expect of Bootstrap (a dialog) and of Sugar (times), by our means.
(() => {
  "use strict";
  const dialog = document.getElementById("confirmation-modal");
  if (!dialog) return;

  jQuery.fn.tooltip = () => {};
  globalThis.modalConfirm = (action, confirmed) => {
    dialog.querySelectorAll("[data-asks]").forEach((question) => (question.hidden = question.dataset.asks !== action));
    dialog.returnValue = "";
    dialog.onclose = () => dialog.returnValue === "yes" && confirmed();
    dialog.showModal();
  };

  const said = (say) => (moment) => (Number.isNaN(moment.getTime()) ? "" : say(moment));
  Date.create = (iso) => new Date(iso ?? NaN);
  globalThis.toRelative = said(chatpopTimes.relative);
  globalThis.toShort = said(chatpopTimes.medium);
})();
