// Checks a reply as one types, and says below it what was found. A box has the field, where it says so (`found`), the
// address that checks, the bug's issue, the day that may be promised if there is one, and what keeps the words.
"use strict";
const replyCheck = (() => {
  const ABSENT = "missing_"; // rules of what a reply doesn't say begin so: the whole reply is their place
  const PAUSE = 500; // milliseconds without a key until a reply is checked
  const csrf = document.querySelector('meta[name="csrf"]')?.content ?? "";

  const made = (name, text, parts = []) => {
    const element = document.createElement(name);
    element.textContent = text;
    element.append(...parts);
    return element;
  };

  // Places are counted in whole characters, of which a script's strings take one or two units each.
  const place = (value, finding) => {
    const at = [...value].slice(0, finding.start).join("").length;
    return value.startsWith(finding.text, at) ? at : value.indexOf(finding.text);
  };

  const replace = (box, finding, better) => {
    const field = box.field;
    const at = place(field.value, finding);
    if (finding.rule.startsWith(ABSENT)) field.value = `${field.value.trimEnd()}\n\n${better}`;
    else if (at < 0) return;
    else field.setRangeText(better, at, at + finding.text.length, "end");
    field.focus();
    box.keep();
    check(box);
  };

  // What can stand in a reply as it is; what tells the agent what to write, or has blanks to fill, can't.
  const ready = (better) => !/[\[\]“„]/.test(better);

  // The day by which the next update is due; on which day something failed is for the agent to say.
  const dated = (better, day) => (day ? better.replace("by [day]", `by ${day}`) : better);

  const item = (box, finding) => {
    const level = finding.level.charAt(0).toUpperCase() + finding.level.slice(1);
    const entry = made("li", "", [made("strong", `${level}: `), made("q", finding.text), ` ${finding.message}`]);
    entry.className = finding.level;
    if (finding.suggestion) {
      const words = dated(finding.suggestion, box.day);
      const better = made(ready(words) ? "button" : "span", `Better: ${words}`);
      if (ready(words)) {
        better.type = "button";
        better.addEventListener("click", () => replace(box, finding, words));
      }
      entry.append(document.createElement("br"), better);
    }
    return entry;
  };

  const show = (box, sentence, findings = []) => {
    const list = document.createElement("ul");
    list.append(...findings.map((finding) => item(box, finding)));
    box.found.replaceChildren(made("p", sentence), ...(findings.length ? [list] : []));
  };

  const latest = new WeakMap();

  const check = async (box) => {
    latest.get(box.field)?.abort();
    const asking = new AbortController();
    latest.set(box.field, asking);
    if (!box.field.value.trim()) return box.found.replaceChildren();
    const body = JSON.stringify({ text: box.field.value, issue: box.issue });
    const headers = { Accept: "application/json", "Content-Type": "application/json", "X-CSRF-Token": csrf };
    try {
      const answer = await fetch(box.address, { method: "POST", headers, body, signal: asking.signal });
      const found = await answer.json();
      show(box, answer.ok ? found.conclusion : found.error, answer.ok ? found.findings : []);
    } catch (error) {
      if (error.name !== "AbortError") show(box, "The reply can't be checked now: check it again in a moment.");
    }
  };

  const whileTyping = (box) => {
    let waiting;
    box.field.addEventListener("input", () => {
      box.keep();
      clearTimeout(waiting);
      waiting = setTimeout(() => check(box), PAUSE);
    });
  };

  return { check, whileTyping };
})();
