// Says that a long answer is under way; the form works without it.
"use strict";
document.querySelector("form.edit")?.addEventListener("submit", (event) => {
  document.getElementById("busy").textContent = event.submitter?.dataset.busy ?? "";
});
