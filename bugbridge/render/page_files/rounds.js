// Checks replies as one types, counts what is ticked, and asks before words that nobody has sent yet are left behind; what a button does keeps them.
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
  return [...form.querySelectorAll("textarea")].some((area) => area.dataset.own || area.value !== area.defaultValue);
}

for (const field of form.querySelectorAll("textarea[data-check]")) {
  const found = document.getElementById(field.getAttribute("aria-describedby"));
  replyCheck.whileTyping({ field, found, address: field.dataset.check, issue: form.dataset.issue, keep: () => {} });
}
ticks.forEach((tick) => tick.addEventListener("change", count));
form.addEventListener("submit", () => { sending = true; });
window.addEventListener("pageshow", () => { sending = false; count(); });
window.addEventListener("beforeunload", (event) => { if (edited() && !sending) { event.preventDefault(); } });
