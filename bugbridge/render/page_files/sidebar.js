// Keeps replies as one types, and hands them to the helpdesk's editor or to the clipboard; all else are forms.
"use strict";
(() => {
  // Whether a page of ours is around this one; what is of another origin can't be looked into.
  const framedByUs = () => {
    try {
      return window.parent !== window && window.parent.origin === window.location.origin;
    } catch {
      return false;
    }
  };

  const text = (form) => form.querySelector("textarea");

  // What was written stays over the page's other forms, in this window alone, until it is put into the reply.
  const keptAs = (form) => `draft ${window.location.pathname} ${form.elements.issue.value}`;
  const keep = (form) => {
    try {
      sessionStorage.setItem(keptAs(form), text(form).value);
    } catch {
      // A frame may be refused any storage; then nothing is kept.
    }
  };
  const bringBack = (form) => {
    try {
      text(form).value = sessionStorage.getItem(keptAs(form)) ?? text(form).value;
    } catch {
      // As above.
    }
  };
  const forget = (form) => {
    try {
      sessionStorage.removeItem(keptAs(form));
    } catch {
      // As above.
    }
  };

  // What is checked: the words, about which bug, and where it is said what was found in them.
  const box = (form) => ({
    field: text(form),
    found: form.querySelector(".found"),
    address: form.dataset.check,
    issue: form.elements.issue.value,
    day: form.dataset.day,
    keep: () => keep(form),
  });

  const copy = async (form) => {
    try {
      await navigator.clipboard.writeText(text(form).value);
    } catch {
      text(form).select(); // a frame may not write to the clipboard by itself
      document.execCommand("copy");
    }
    form.querySelector(".copy").textContent = "Copied";
  };

  const add = (form, workaround) => {
    const field = text(form);
    if (!field.value.includes(workaround)) field.value = `${field.value.trimEnd()}\n\n${workaround}`.trimStart();
    keep(form);
    replyCheck.check(box(form));
  };

  for (const form of document.querySelectorAll("form.reply")) {
    bringBack(form);
    replyCheck.whileTyping(box(form));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const pressed = event.submitter;
      if (pressed?.classList.contains("add")) add(form, pressed.dataset.text);
      else replyCheck.check(box(form));
    });
    const copies = form.querySelector(".copy");
    copies.hidden = false;
    copies.addEventListener("click", () => copy(form));
    form.querySelector(".insert").addEventListener("click", () => {
      window.parent.postMessage({ bugbridge: "insert", text: text(form).value }, window.location.origin);
      forget(form);
    });
  }

  // The page around us, which is ours too, says whether the helpdesk's editor can be written to.
  if (framedByUs()) {
    window.addEventListener("message", (event) => {
      const ours = event.source === window.parent && event.origin === window.location.origin;
      if (!ours || event.data?.bugbridge !== "editor") return;
      for (const button of document.querySelectorAll(".insert")) button.hidden = false;
    });
    window.parent.postMessage({ bugbridge: "ready" }, window.location.origin);
  }
})();
