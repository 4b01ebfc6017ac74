// Counts what is ticked, and asks before words that nobody has sent yet are lost.
"use strict";
const form = document.getElementById("round");
const send = form.querySelector("[data-ready]");
const ticks = form.querySelectorAll("input[type=checkbox]");
let sending = false;

function count() {
  const left = [...ticks].filter((tick) => !tick.checked).length;
  if (send) { send.textContent = `Send ${Number(send.dataset.ready) - left}`; }
}

function edited() {
  return [...form.querySelectorAll("textarea")].filter((area) => area.value !== area.defaultValue);
}

// Give the edited words that don't go with what a button does.
function lost(act) {
  const [verb, meant] = act.split(" ");
  return edited().filter((area) => {
    const id = area.name.split(" ")[1];
    if (verb === "send") { return !form.elements[`send ${id}`]?.checked || (meant && meant !== area.dataset.group); }
    return verb !== "one" || meant !== id;
  });
}

ticks.forEach((tick) => tick.addEventListener("change", count));
form.addEventListener("submit", (event) => {
  const left = lost(event.submitter?.value || "").length;
  sending = !left || window.confirm(`Words that you wrote for ${left === 1 ? "another ticket" : `${left} other tickets`} would be lost. Go on?`);
  if (!sending) { event.preventDefault(); }
});
window.addEventListener("pageshow", () => { sending = false; count(); });
window.addEventListener("beforeunload", (event) => { if (edited().length && !sending) { event.preventDefault(); } });
