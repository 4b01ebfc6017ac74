"""The demonstration: the whole main job on a sandbox, in one command."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

import click

from bugbridge.core.errors import UsageError
from bugbridge.entry.door import json_option, say, tell

if TYPE_CHECKING:
    from bugbridge.entry.demonstration import Counts, Demonstration
    from bugbridge.services.explaining import Explanation

SHOWN = 6
WAIT_SECONDS = 60
COMPANY = (
    "A made-up company's GitHub, Jira and Zendesk are served on loopback, with a year of history that ends on "
    "15 June 2026, 09:00 UTC; that is the time here."
)
ABOUT = f"{COMPANY} The calendar is always open and nothing is batched, so that this works at night and on Sundays too."
ABOUT_WEB = (
    f"{COMPANY} The calendar is always open, the policy is the one that BugBridge comes with, news of 14 days is live, "
    "and the daemon works beside the pages. Whatever you do there happens to the made-up company alone, and is "
    "forgotten at the end."
)
LOOPBACK, ANY_PORT = "127.0.0.1", 0
UNSIGNED = ("", "", "")  # neither a token, a key nor a provider's secret: whoever is on this computer sees everything


@click.command(short_help="See all of this on a made-up company.")
@click.option("--once", is_flag=True, help="Run one cycle and stop.")
@click.option("--web", is_flag=True, help="Show the pages over it in your browser, until Ctrl-C.")
@json_option
def demo(*, once: bool, web: bool, as_json: bool) -> None:
    """Run the main job on a sandbox on this computer: nothing leaves it, and nothing is kept.

    \b
    Examples:
      bugbridge demo                  the whole story, with the daemon
      bugbridge demo --web            its pages, at an address that is shown, on this computer alone
      bugbridge demo --once --json    one cycle, counted
    """
    from bugbridge.entry.demonstration import Demonstration

    if web:
        if once or as_json:
            raise UsageError("--web goes with neither --once nor --json.")
        with ended_by_sigterm(), Demonstration({}) as demonstration:
            _show_web(demonstration)
        return
    with ended_by_sigterm(), Demonstration() as demonstration:
        if as_json:
            say(demonstration.one_cycle(), as_json=True, show=lambda: None)
            return
        _show_cycle(demonstration)
        if not once:
            _show_release(demonstration)
        _show_audit(demonstration)


def _show_web(demonstration: "Demonstration") -> None:
    """Serve its pages beside the real daemon until a signal."""
    from bugbridge.entry.commands_serve import listening, make_shared, serve_until_signal

    _heading("The pages of BugBridge on a sandbox")
    tell(ABOUT_WEB)
    with _waiting("Reading tickets, issues and their histories"):
        demonstration.read()
        demonstration.go_live()
        demonstration.plan()
        make_shared(demonstration.app)
    with listening(LOOPBACK, ANY_PORT) as listener, _daemon(demonstration):
        _show_addresses(demonstration, f"http://{LOOPBACK}:{listener.getsockname()[1]}")
        serve_until_signal(demonstration.app, {}, UNSIGNED, listener)


def _show_addresses(demonstration: "Demonstration", address: str) -> None:
    from bugbridge.entry.web.paths import bug_path, sidebar_path, ticket_path

    ticket, bug = demonstration.choose_open_bug()
    tell(f"Open {address}/ on this computer, where you may do everything without sign-in. Ctrl-C ends it.", bold=True)
    tell("For example:")
    for what, path in (
        ("what is due", "/due"),
        ("a ticket", ticket_path(ticket)),
        ("what an agent sees beside it", sidebar_path(ticket)),
        ("its bug", bug_path(bug)),
        ("rounds that wait for review", "/rounds"),
        ("the policy", "/policy"),
    ):
        tell(f"  {what:<30} {address}{path}")


@contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """Have SIGTERM leave the demonstration by its end, where its folder is removed; a second one changes nothing.

    Python drops what is raised while it frees an object: a signal that comes then ends the demonstration at its end.
    """
    came: list[int] = []

    def end(number: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        came.append(128 + number)
        sys.exit(came[0])

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
    if came:
        sys.exit(came[0])


def _show_cycle(demonstration: "Demonstration") -> None:
    _heading("BugBridge on a sandbox")
    tell(ABOUT)
    tell(
        f"Sandbox: {demonstration.sandbox.zendesk_url} (Zendesk), {demonstration.sandbox.github_url} (GitHub), "
        f"{demonstration.sandbox.jira_url} (Jira)",
        dim=True,
    )
    _heading("1. Link and sync")
    with _waiting("Reading tickets, issues and their histories"):
        counts = demonstration.one_cycle()
    _show_links(demonstration, counts)
    _heading("2. Frequent or infrequent")
    _show_frequencies(demonstration)
    _heading("3. Due, and why")
    tell(
        f"Live with news from the last 14 days: {counts.updates_due} updates were due, {counts.updates_sent} reminders "
        f"were posted; sending again posted {counts.second_send}. {counts.updates_due - counts.updates_sent} are on "
        "closed tickets, where Zendesk takes no note: `bugbridge due` lists them for a person."
    )
    _show_due(demonstration)
    _heading("4. Deliberately not sent, and why")
    _show_silences(demonstration)


def _heading(title: str) -> None:
    tell("")
    tell(title, bold=True, fg="cyan")


@contextmanager
def _waiting(what: str) -> Iterator[None]:
    from rich.console import Console

    with Console(stderr=True).status(f"{what} …"):
        yield


def _show_links(demonstration: "Demonstration", counts: "Counts") -> None:
    links = demonstration.app.store.links()
    tell(f"{counts.links} links between tickets and {counts.bugs} bugs were found in agents' internal notes.")
    rows = [_link_row(demonstration, index) for index in range(min(SHOWN, len(links)))]
    _table("Some of them", ("ticket", "bug"), rows)


def _link_row(demonstration: "Demonstration", index: int) -> tuple[str, str]:
    store = demonstration.app.store
    key = store.links()[-1 - index].key
    references = {bug.id: bug.reference for bug in store.bugs()}
    return store.ticket(key.ticket_id).reference, references[store.canonical_bug(key.bug_id)]


def _table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    from bugbridge.render.tables import print_table

    print_table(title, columns, rows)


def _show_frequencies(demonstration: "Demonstration") -> None:
    bugs = sorted(demonstration.app.store.bugs(), key=lambda bug: -bug.links)
    count = Counter(bug.frequency.value for bug in bugs if bug.links)
    tell(", ".join(f"{number} {name}" for name, number in count.most_common()) + ".")
    rows = [(bug.reference, bug.stage.replace("_", " "), bug.frequency, demonstration.reason(bug.id)) for bug in bugs]
    _table("The most reported bugs", ("bug", "stage", "frequency", "because"), rows[:SHOWN])


def _show_due(demonstration: "Demonstration") -> None:
    due = [one for one in demonstration.explanations() if one.due_by(demonstration.app.clock.now())]
    rows = [(one.ticket, one.issue, _reasons(one), *_rule(one)) for one in _one_of_each(due)]
    _table("Of each kind one", ("ticket", "bug", "what", "rule", "because"), rows)


def _rule(explanation: "Explanation") -> tuple[str, str]:
    """Give the rule behind what is due: a question to the agent where there is one, else the decision."""
    asked = [(rule, because) for rule, because in explanation.questions.items() if rule in _codes(explanation)]
    return asked[0] if asked else (explanation.rule_id, explanation.because)


def _codes(explanation: "Explanation") -> list[str]:
    return [str(update["reason"]) for update in explanation.output.get("updates", [])]


def _reasons(explanation: "Explanation") -> str:
    return ", ".join(code.replace("_", " ") for code in _codes(explanation)) or "nothing"


def _one_of_each(explanations: "Sequence[Explanation]") -> "list[Explanation]":
    """Show each combination of rule and reason once."""
    return list({(one.rule_id, _reasons(one)): one for one in explanations}.values())


def _show_silences(demonstration: "Demonstration") -> None:
    silences = demonstration.silences()
    count = Counter((one.rule_id, one.because) for one in silences)
    example = {(one.rule_id, one.because): one.ticket for one in silences}
    rows = [(number, rule, because, example[rule, because]) for (rule, because), number in count.most_common(8)]
    _table(f"{len(silences)} links hear nothing now", ("links", "rule", "because", "for example"), rows)


def _show_release(demonstration: "Demonstration") -> None:
    """Have an engineer close and release an issue while the real daemon runs, and wait for the reminder."""
    _heading("5. An engineer closes an issue, and it is released")
    ticket, reference = demonstration.choose_open_bug()
    with _daemon(demonstration), _waiting("Waiting for the daemon to notice and to post the reminder"):
        started = time.monotonic()
        demonstration.close_and_release(reference, WAIT_SECONDS)
        note = demonstration.wait_for_reminder(ticket, WAIT_SECONDS)
    tell(
        f"{reference} was closed as completed and marked as released with `bugbridge release`. "
        f"{time.monotonic() - started:.0f} seconds later ticket {ticket} held this internal note:"
    )
    tell(note, fg="green")


@contextmanager
def _daemon(demonstration: "Demonstration") -> Iterator[None]:
    environment = {**os.environ, **demonstration.environment()}
    command = [sys.executable, "-m", "bugbridge", "--config", str(demonstration.folder / "bugbridge.toml"), "daemon"]
    process = subprocess.Popen(  # noqa: S603 - our own program, with arguments of our own
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=WAIT_SECONDS)


def _show_audit(demonstration: "Demonstration") -> None:
    from bugbridge.entry.commands_audit import show_audit
    from bugbridge.services.auditing import run_audit

    _heading("Audit")
    show_audit(run_audit(demonstration.app.store, demonstration.app.clock))
