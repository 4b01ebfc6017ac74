"""A second opinion on what BugBridge's demo must find, computed from the sandbox's seed document alone.

    python tests/oracle/demo_oracle.py URL-OR-FILE [--detail] [--promises-read]

It prints one JSON object. It imports nothing from the product and shares no code with it: the rules are written down
here once more, from their specification, so that a misreading on either side shows as a difference. It knows only what
the seeded history can hold (no opt-outs, no overrides, no agent's `bug:` lines) and the shipped policy.

`now` is the document's `seed_now`; the helpdesk is live as of LIVE_DAYS before; a business day is a day of 24 hours;
nothing is batched or capped. All instants are UTC.
"""

import argparse
import json
import statistics
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from seed_history import (
    CLOSED_STAGES,
    Issue,
    Json,
    Link,
    Message,
    News,
    Ticket,
    days,
    instant,
    judge_frequency,
    load,
    names_version,
    news_of,
    read_issues,
    read_tickets,
    references,
    stage_at,
)

LIVE_DAYS = 14
PROMISED_BY, DAY_ENDS = timedelta(hours=16), timedelta(hours=23, minutes=59)
"""Recorded by hand, the document's promises are to write by 16:00 UTC of their day; read in replies, by the end of
that day in the demo's calendar, which is always open."""

WORKAROUND_ASSUMED_DAYS, STALLED_DAYS, PROMISE_AHEAD_DAYS, AUDITED = 14, 180, 1, 100
ALIVE = {"open", "in_progress"}
TERMINAL = {"released", "declined"}
TOLD_AS_NEWS = {"workaround", "released", "declined", "reopened"}
"""The shipped policy's `tell.news`, as far as the demo has such news; `fixed` and `in_progress` are not in it."""

TELLABLE_IN = {
    "open": {"workaround", "reopened"},
    "in_progress": {"workaround", "reopened"},
    "fixed": {"workaround"},
    "released": {"released"},
    "declined": {"declined"},
}
"""Which of these a stage has not left behind."""


@dataclass(frozen=True)
class Update:
    """One thing to tell one customer about one bug: a piece of news or a promise (`of` its instant), or `periodic`."""

    customer: int
    bug: str
    what: str
    of: datetime | None
    due_at: datetime = field(compare=False)


@dataclass
class Decision:
    """What the policy says for a link: the rule's id and the updates it calls for, due or still to come."""

    rule: str
    updates: list[Update] = field(default_factory=list)


@dataclass
class Bug:
    """A canonical bug with all its links."""

    issue: Issue
    news: list[News]
    links: list[Link]
    frequency: str
    frequency_facts: Json

    @property
    def stage(self) -> str:
        """Its present stage."""
        return self.issue.steps[-1].stage

    @property
    def first_met_at(self) -> datetime:
        """When the earliest of its tickets began."""
        return min(link.ticket.created_at for link in self.links)

    @property
    def fixed_at(self) -> datetime | None:
        """When it was last closed as fixed, or None where that never happened or was taken back."""
        if self.stage not in {"fixed", "released"}:
            return None
        return [step.at for step in self.issue.steps if step.stage == "fixed"][-1]


class Oracle:
    """Everything derived from one seed document."""

    def __init__(self, document: Json, *, promises_read: bool = False) -> None:
        self.document = document
        self.promises_read = promises_read
        self.now = instant(document["seed_now"])
        self.live_from = self.now - days(LIVE_DAYS)
        self.tickets = read_tickets(document)
        self.issues = read_issues(document, self.now)
        self.projects = {each["project"] for each in document["versions"]}
        self.links, self.suggested = self._links()
        self.workarounds = {self.canonical(each["reference"]): each for each in document["workarounds"]}
        self.bugs = self._bugs()
        self.decisions = [(link, self.decide(link)) for link in self.links]

    # Links and bugs

    def named(self, text: str) -> set[str]:
        """The issues that a text names."""
        return references(text, self.document["sites"], self.projects)

    def canonical(self, reference: str) -> str:
        """The issue at the end of the chain of duplicates."""
        survivor = self.issues[reference].survivor
        return self.canonical(survivor) if survivor else reference

    def _links(self) -> tuple[list[Link], list[Link]]:
        """Links, and what an agent noted of a bug that was over before the ticket began: only a suggestion."""
        links: list[Link] = []
        suggested: list[Link] = []
        for ticket in self.tickets.values():
            for reference, at in self._noted(ticket).items():
                link = Link(ticket, reference, self.canonical(reference), at)
                before = stage_at(self.issues[link.bug].tracker_steps, ticket.created_at)
                (suggested if before in TERMINAL else links).append(link)
        return links, suggested

    def _noted(self, ticket: Ticket) -> dict[str, datetime]:
        """The issues that agents named in internal notes, each with the time of the first such note."""
        found: dict[str, datetime] = {}
        for message in ticket.messages:
            if message.author == "agent" and not message.public:
                for reference in sorted(self.named(message.text) & set(self.issues)):
                    found.setdefault(reference, message.at)
        return found

    def _bugs(self) -> dict[str, Bug]:
        grouped = defaultdict(list)
        for link in self.links:
            grouped[link.bug].append(link)
        return {reference: self._bug(reference, links) for reference, links in grouped.items()}

    def _bug(self, reference: str, links: list[Link]) -> Bug:
        recorded = self.workarounds.get(reference)
        found_at = instant(recorded["found_at"]) if recorded else None
        frequency, facts = judge_frequency([link.ticket for link in links], self.now)
        return Bug(self.issues[reference], news_of(self.issues[reference], found_at), links, frequency, facts)

    def workaround_state(self, link: Link) -> str:
        """How far the customer is with the workaround; told, and not a word from them for long, is confirmed."""
        recorded = self.workarounds.get(link.bug)
        if recorded is None:
            return "none"
        number = str(link.ticket.number)
        state: str = recorded["tickets"].get(number, "known")
        if state != "told":
            return state
        told_at = instant(recorded["since"][number])
        answered = any(each.author == "customer" and each.at > told_at for each in link.ticket.messages)
        return "told" if answered or self.now - told_at < days(WORKAROUND_ASSUMED_DAYS) else "confirmed"

    # What the customer has and has not been told

    def live_since(self, link: Link) -> datetime:
        """News before this is background: the helpdesk was not live or the bug not yet linked."""
        linked_at = min(other.linked_at for other in self._same(link))
        return max(self.live_from, linked_at)

    def _same(self, link: Link) -> list[Link]:
        """The links of one ticket to one bug: more than one where it names a duplicate and the survivor."""
        return [other for other in self.bugs[link.bug].links if other.ticket is link.ticket]

    def certain(self, link: Link, reply: Message, piece: News) -> bool:
        """Whether a reply names the version that is out, or the issue."""
        if self.named(reply.text) & {link.issue, link.bug}:
            return True
        return piece.version is not None and names_version(reply.text, piece.version)

    def told(self, link: Link, piece: News) -> bool:
        """Whether a public agent reply told this piece of news itself."""
        replies = [reply for reply in link.ticket.replies if reply.at >= piece.at]
        return any(piece.kind not in TERMINAL or self.certain(link, reply, piece) for reply in replies)

    def untold(self, link: Link) -> list[News]:
        """The news that this customer has not been told, oldest first; telling a piece clears all earlier ones."""
        news, since = self.bugs[link.bug].news, self.live_since(link)
        told_until = max((piece.at for piece in news if self.told(link, piece)), default=None)
        reopened_at = max((piece.at for piece in news if piece.kind == "reopened"), default=None)
        return [
            piece
            for piece in news
            if piece.at >= since
            and not (told_until and piece.at <= told_until)
            and not (reopened_at and piece.at < reopened_at and piece.kind in CLOSED_STAGES)
            and not (piece.kind == "reopened" and not self._heard_of_closing(link, piece))
        ]

    def _heard_of_closing(self, link: Link, reopening: News) -> bool:
        """Whether an agent wrote between the closing that was taken back and the reopening."""
        steps = [step for step in self.bugs[link.bug].issue.steps if step.at < reopening.at]
        lived = max(step.at for step in steps if step.stage in ALIVE)
        closed_at = min(step.at for step in steps if step.at > lived)
        return any(closed_at <= reply.at < reopening.at for reply in link.ticket.replies)

    def wrongly_told(self, link: Link) -> bool:
        """Whether the customer knows for certain of a release that was then taken back."""
        news = self.bugs[link.bug].news
        reopened_at = max(piece.at for piece in news if piece.kind == "reopened")
        return any(
            self.certain(link, reply, piece)
            for piece in news
            for reply in link.ticket.replies
            if piece.kind == "released" and piece.at <= reply.at < reopened_at
        )

    # Deciding

    def decide(self, link: Link) -> Decision:
        """The first rule that matches: what no policy may change, the policy's rules, the grid."""
        bug, untold = self.bugs[link.bug], self.untold(link)
        tellable = [piece for piece in untold if piece.kind in TELLABLE_IN[bug.stage]]
        kinds = {piece.kind for piece in tellable}
        promises = self._promises_due(link)
        if promises:
            return Decision("promised", promises)
        if link.ticket.unanswered:
            return Decision("reply-first")
        if bug.stage in TERMINAL and not kinds:
            return Decision("done")
        if "reopened" in kinds and self.wrongly_told(link):
            return Decision("wrongly-told", self._tell(link, tellable, {"reopened"}))
        if "declined" in kinds:
            return Decision("clear-no", self._tell(link, tellable, {"declined"}))
        return self._by_policy(link, tellable)

    def _by_policy(self, link: Link, tellable: list[News]) -> Decision:
        """The rules, then the grid. The lead's questions (spiking, stalled) are no updates, and matching goes on."""
        bug = self.bugs[link.bug]
        name, tells, least_days = self._grid(link)
        if link.ticket.ended and bug.stage in ALIVE | {"fixed"}:
            return Decision("solved-tickets-hear-the-outcome", self._tell(link, tellable, TERMINAL))
        updates = self._tell(link, tellable, tells)
        if least_days and bug.stage not in TERMINAL:
            updates.append(self._periodic(link, least_days))
        return Decision(name, updates)

    def _silent_days(self, bug: Bug) -> float:
        return (self.now - bug.issue.active_at) / days(1)

    def _grid(self, link: Link) -> tuple[str, set[str], int | None]:
        """The grid's row, which news it tells, and its least days between periodic updates."""
        frequency, confirmed = self.bugs[link.bug].frequency, self.workaround_state(link) == "confirmed"
        if link.ticket.enterprise:
            return "grid-1", TOLD_AS_NEWS, 7
        if frequency in {"frequent", "spiking"}:
            return ("grid-2", TOLD_AS_NEWS, 28) if confirmed else ("grid-3", TOLD_AS_NEWS, 14)
        return ("grid-4", TERMINAL, None) if confirmed else ("grid-5", TOLD_AS_NEWS, None)

    def _tell(self, link: Link, tellable: list[News], kinds: set[str]) -> list[Update]:
        return [
            Update(link.ticket.customer, link.bug, piece.kind, piece.at, piece.at)
            for piece in tellable
            if piece.kind in kinds
        ]

    def _periodic(self, link: Link, least_days: int) -> Update:
        """The next periodic update: intervals run from going live, the link, or the last reply that told something."""
        point = self.live_since(link)
        for reply in link.ticket.replies:
            if any(point < piece.at <= reply.at for piece in self.bugs[link.bug].news):
                point = reply.at
        return Update(link.ticket.customer, link.bug, "periodic", None, point + days(least_days))

    def _promises_due(self, link: Link) -> list[Update]:
        """Promises on this link that no reply has kept and that fall due, or fell due, by a business day from now.

        One that was past due already when its reply was read is nobody's reminder.
        """
        found = []
        for each in self.document["promises"]:
            made = instant(each["made"])
            due = instant(each["due"]) + (DAY_ENDS if self.promises_read else PROMISED_BY)
            kept = any(reply.at > made for reply in link.ticket.replies)
            over = self.promises_read and due <= self.now
            if self._carries(link, each) and not (kept or over) and due <= self.now + days(PROMISE_AHEAD_DAYS):
                found.append(Update(link.ticket.customer, link.bug, "promise", made, self.now))
        return found

    def _carries(self, link: Link, promise: Json) -> bool:
        """Recorded by hand, the bug is named; read, it is the one that the ticket was linked to last by then."""
        if promise["ticket"] != link.ticket.number:
            return False
        if not self.promises_read:
            return self.canonical(promise["reference"]) == link.bug
        made = instant(promise["made"])
        linked = [other for other in self.links if other.ticket is link.ticket and other.linked_at <= made]
        return link is max(linked, key=lambda other: other.linked_at, default=link)

    # Results

    def due(self, decision: Decision) -> list[Update]:
        """What of a decision is due by now."""
        return [update for update in decision.updates if update.due_at <= self.now]

    def audit(self) -> Json:
        """Days from the first report to the last closing as fixed, over the latest fixes."""
        fixes = sorted(
            (bug.fixed_at, bug.first_met_at, reference) for reference, bug in self.bugs.items() if bug.fixed_at
        )
        took = [(fixed_at - met_at) / days(1) for fixed_at, met_at, _ in fixes[-AUDITED:]]
        counted = [each for each in took if each >= 0]
        return {"n": len(counted), "median_days": statistics.median(counted) if counted else None}

    def postable(self) -> set[Update]:
        """What is due and can be posted: Zendesk takes no note on a closed ticket."""
        return {
            update
            for link, decision in self.decisions
            for update in self.due(decision)
            if link.ticket.status != "closed"
        }

    def counts(self) -> Json:
        """What the demo must print."""
        updates = {update for _, decision in self.decisions for update in self.due(decision)}
        frequencies = [bug.frequency for bug in self.bugs.values()]
        return {
            "links": len(self.links),
            "bugs": len(self.bugs),
            "frequent": frequencies.count("frequent"),
            "infrequent": frequencies.count("infrequent"),
            "updates_due": len(updates),
            "updates_sent": len(self.postable()),
            "decisions_none": sum(not self.due(decision) for _, decision in self.decisions),
            "audit": self.audit(),
        }

    def detail(self) -> Json:
        """Every link with its decision and every bug with its facts, to find where two opinions part."""
        return {
            "links": [self._link_detail(link, decision) for link, decision in self.decisions],
            "bugs": [self._bug_detail(reference, bug) for reference, bug in sorted(self.bugs.items())],
            "suggested": [{"ticket": link.ticket.number, "issue": link.issue} for link in self.suggested],
        }

    def _link_detail(self, link: Link, decision: Decision) -> Json:
        return {
            "ticket": link.ticket.number,
            "issue": link.issue,
            "bug": link.bug,
            "customer": link.ticket.customer,
            "linked_at": link.linked_at.isoformat(),
            "rule": decision.rule,
            "due": [update.what for update in self.due(decision)],
            "updates": [{"what": each.what, "due_at": each.due_at.isoformat()} for each in decision.updates],
            "untold": [{"kind": piece.kind, "at": piece.at.isoformat()} for piece in self.untold(link)],
            "workaround": self.workaround_state(link),
            "enterprise": link.ticket.enterprise,
            "unanswered": link.ticket.unanswered,
            "ticket_status": link.ticket.status,
        }

    def _bug_detail(self, reference: str, bug: Bug) -> Json:
        return {
            "bug": reference,
            "stage": bug.stage,
            "frequency": bug.frequency,
            **bug.frequency_facts,
            "tickets": sorted(link.ticket.number for link in bug.links),
            "t0": bug.first_met_at.isoformat(),
            "t_fix": bug.fixed_at.isoformat() if bug.fixed_at else None,
            "silent_days": round(self._silent_days(bug), 3),
            "news": [{"kind": piece.kind, "at": piece.at.isoformat()} for piece in bug.news],
        }


def main() -> None:
    """Print what the demo must find."""
    parser = argparse.ArgumentParser(description="What BugBridge's demo must find, computed without BugBridge.")
    parser.add_argument("source", help="URL of the sandbox's seed document, or a file that holds it")
    parser.add_argument("--detail", action="store_true", help="add each link's and each bug's facts")
    read = "promises are read in agents' replies, not recorded by hand"
    parser.add_argument("--promises-read", action="store_true", help=read)
    asked = parser.parse_args()
    oracle = Oracle(load(asked.source), promises_read=asked.promises_read)
    found = oracle.counts() | ({"detail": oracle.detail()} if asked.detail else {})
    sys.stdout.write(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
