// Coming back: the code behind the "#" of a link goes into its field, and out of the address; cards can be put away.
(() => {
  "use strict";
  const DAY = 86400000;
  const KEY = "chatpop:way-card";
  // A browser may forbid the store altogether.
  const putAway = () => { try { return Date.now() - Number(localStorage.getItem(KEY)) < 7 * DAY; } catch { return false; } };
  const remember = () => { try { localStorage.setItem(KEY, String(Date.now())); } catch { /* it is gone from this page */ } };

  const fill = () => {
    const field = document.querySelector("input[data-from-address]");
    if (!field || location.hash.length < 2) return;
    field.value = decodeURIComponent(location.hash.slice(1));
    history.replaceState(history.state, "", location.pathname);
  };
  window.addEventListener("hashchange", fill);

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-dismiss]");
    if (!button) return;
    remember();
    document.getElementById(button.dataset.dismiss).remove();
  });

  htmx.onLoad(() => {
    fill();
    const card = document.querySelector("#way-card:has([data-dismiss])");
    if (card && putAway()) card.remove();
  });
})();
