// Checks replies as one types, and hands them to the helpdesk's editor or to the clipboard; all else are forms.
"use strict";
(() => {
  const ABSENT = "missing_"; // rules of what a reply doesn't say begin so: the whole reply is their place
  const PAUSE = 500; // milliseconds without a key until a reply is checked
  const csrf = document.querySelector('meta[name="csrf"]')?.content ?? "";

  // Whether a page of ours is around this one; what is of another origin can't be looked into.
  const framedByUs = () => {
    try {
      return window.parent !== window && window.parent.origin === window.location.origin;
    } catch {
      return false;
    }
  };

  const made = (name, text, parts = []) => {
    const element = document.createElement(name);
    element.textContent = text;
    element.append(...parts);
    return element;
  };

  const text = (form) => form.querySelector("textarea");

  // Places are counted in whole characters, of which a script's strings take one or two units each.
  const place = (value, finding) => {
    const at = [...value].slice(0, finding.start).join("").length;
    return value.startsWith(finding.text, at) ? at : value.indexOf(finding.text);
  };

  const replace = (form, finding, better) => {
    const field = text(form);
    const at = place(field.value, finding);
    if (finding.rule.startsWith(ABSENT)) field.value = `${field.value.trimEnd()}\n\n${better}`;
    else if (at < 0) return;
    else field.setRangeText(better, at, at + finding.text.length, "end");
    field.focus();
    keep(form);
    check(form);
  };

  // What can stand in a reply as it is; what tells the agent what to write, or has blanks to fill, can't.
  const ready = (better) => !/[\[\]“„]/.test(better);

  // The day by which the next update is due; on which day something failed is for the agent to say.
  const dated = (better, day) => (day ? better.replace("by [day]", `by ${day}`) : better);

  const item = (form, finding) => {
    const level = finding.level.charAt(0).toUpperCase() + finding.level.slice(1);
    const entry = made("li", "", [made("strong", `${level}: `), made("q", finding.text), ` ${finding.message}`]);
    entry.className = finding.level;
    if (finding.suggestion) {
      const words = dated(finding.suggestion, form.dataset.day);
      const better = made(ready(words) ? "button" : "span", `Better: ${words}`);
      if (ready(words)) {
        better.type = "button";
        better.addEventListener("click", () => replace(form, finding, words));
      }
      entry.append(document.createElement("br"), better);
    }
    return entry;
  };

  const show = (form, sentence, findings = []) => {
    const list = document.createElement("ul");
    list.append(...findings.map((finding) => item(form, finding)));
    form.querySelector(".found").replaceChildren(made("p", sentence), ...(findings.length ? [list] : []));
  };

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

  const latest = new WeakMap();

  const check = async (form) => {
    latest.get(form)?.abort();
    const asking = new AbortController();
    latest.set(form, asking);
    if (!text(form).value.trim()) return form.querySelector(".found").replaceChildren();
    const body = JSON.stringify({ text: text(form).value, issue: form.elements.issue.value });
    const headers = { Accept: "application/json", "Content-Type": "application/json", "X-CSRF-Token": csrf };
    try {
      const answer = await fetch(form.dataset.check, { method: "POST", headers, body, signal: asking.signal });
      const found = await answer.json();
      show(form, answer.ok ? found.conclusion : found.error, answer.ok ? found.findings : []);
    } catch (error) {
      if (error.name !== "AbortError") show(form, "The reply can't be checked now: check it again in a moment.");
    }
  };

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
    check(form);
  };

  for (const form of document.querySelectorAll("form.reply")) {
    let waiting;
    bringBack(form);
    text(form).addEventListener("input", () => {
      keep(form);
      clearTimeout(waiting);
      waiting = setTimeout(() => check(form), PAUSE);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const pressed = event.submitter;
      if (pressed?.classList.contains("add")) add(form, pressed.dataset.text);
      else check(form);
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
