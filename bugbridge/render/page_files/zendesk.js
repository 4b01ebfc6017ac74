// Asks Zendesk which ticket is open, shows its sidebar, and hands drafts to Zendesk's editor.
"use strict";
(() => {
  const HEIGHT = "600px";
  const frame = document.querySelector("#sidebar");
  const problem = document.querySelector("#problem");
  const say = (sentence) => {
    problem.textContent = sentence;
    problem.hidden = !sentence;
  };

  const client = window.ZAFClient?.init();
  if (!client) return say("Zendesk's script didn't load: open this app on a ticket in Zendesk.");

  const open = async () => {
    const found = await client.get("ticket.id");
    const ticket = encodeURIComponent(String(found["ticket.id"]));
    const address = `/sidebar/${encodeURIComponent(frame.dataset.helpdesk)}/${ticket}/pass`;
    const headers = { Accept: "application/json", "X-BugBridge-Pass": frame.dataset.pass };
    const answer = await fetch(address, { method: "POST", headers });
    const facts = await answer.json();
    if (!answer.ok) return say(facts.error ?? "This ticket's bugs can't be shown: reload the ticket.");
    frame.src = facts.address;
    frame.hidden = false;
    say("");
  };

  const escaped = (text) =>
    text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("\n", "<br>");

  // appendText takes plain text; where an editor hasn't it, insert reads HTML.
  const insert = async (text) => {
    try {
      await client.invoke("comment.appendText", text);
    } catch {
      await client.invoke("ticket.editor.insert", escaped(text));
    }
  };

  window.addEventListener("message", (event) => {
    if (event.source !== frame.contentWindow || event.origin !== window.location.origin) return;
    if (event.data?.bugbridge === "ready") {
      frame.contentWindow.postMessage({ bugbridge: "editor" }, window.location.origin);
    } else if (event.data?.bugbridge === "insert") {
      insert(String(event.data.text)).catch(() => say("Zendesk didn't take the text: copy it instead."));
    }
  });

  client.invoke("resize", { width: "100%", height: HEIGHT });
  open().catch(() => say("This ticket's bugs can't be shown now: reload the ticket."));
})();
