// Progressive enhancement alone: every page works without it where a form suffices.
"use strict";
for (const link of document.querySelectorAll("header nav a")) {
  const path = new URL(link.href).pathname;
  if (window.location.pathname === path || window.location.pathname.startsWith(`${path}/`)) link.setAttribute("aria-current", "page");
}
