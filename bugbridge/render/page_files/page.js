// Progressive enhancement alone: every page works without it where a form suffices.
"use strict";
for (const link of document.querySelectorAll("header nav a")) {
  const path = new URL(link.href).pathname;
  if (window.location.pathname !== path && !window.location.pathname.startsWith(`${path}/`)) continue;
  link.setAttribute("aria-current", "page");
  const pages = link.closest("nav");
  pages.scrollLeft = link.offsetLeft - pages.offsetLeft - (pages.clientWidth - link.clientWidth) / 2;
}
