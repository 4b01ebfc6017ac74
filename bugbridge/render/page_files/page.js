// Progressive enhancement alone: every page works without it where a form suffices.
"use strict";
for (const link of document.querySelectorAll("header nav a")) {
  const path = new URL(link.href).pathname;
  if (window.location.pathname !== path && !window.location.pathname.startsWith(`${path}/`)) continue;
  link.setAttribute("aria-current", "page");
  const pages = link.closest("nav");
  pages.scrollLeft = link.offsetLeft - pages.offsetLeft - (pages.clientWidth - link.clientWidth) / 2;
}
// A secret that is shown once; where scripts may not write to the clipboard, it is marked for copying by hand.
for (const button of document.querySelectorAll(".secret .copy")) {
  const secret = button.parentElement.querySelector("code");
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(secret.textContent);
      button.textContent = "Copied";
    } catch {
      window.getSelection().selectAllChildren(secret);
      button.textContent = document.execCommand("copy") ? "Copied" : "It is marked: copy it by hand";
    }
  });
}
