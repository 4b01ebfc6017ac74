"""What people can do about a decision: with a command where they type, by a button where they look at a page."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ways:
    """Ends of sentences. `taken_down` says by what a change that somebody knows of is recorded; a text in braces is
    the ticket, the issue, or the option that names the issue."""

    plan: str
    due: str
    rounds: str
    go_live: str
    told: str
    retry: str
    taken_down: Mapping[str, str]


COMMAND_LINE = Ways(
    plan="`bugbridge plan`",
    due="`bugbridge due`",
    rounds="`bugbridge round list`",
    go_live="`bugbridge go-live`",
    told="say so with `bugbridge told`",
    retry="`bugbridge retry`",
    taken_down={
        "told": "`bugbridge told {ticket}{issue_option}`",
        "workaround-told": "`bugbridge workaround {ticket} told{issue_option}`",
        "workaround-confirmed": "`bugbridge workaround {ticket} confirmed{issue_option}`",
        "workaround-failed": "`bugbridge workaround {ticket} failed{issue_option}`",
        "workaround-found": '`bugbridge workaround {issue} "WHAT HELPS"`',
        "another-workaround-found": '`bugbridge workaround {issue} "WHAT HELPS"`',
        "meets-daily": "`bugbridge meets {ticket} daily{issue_option}`",
        "meets-sometimes": "`bugbridge meets {ticket} sometimes{issue_option}`",
        "promise-made": "`bugbridge promise add {ticket} DATE{issue_option}`",
    },
)
PAGES = Ways(
    plan="the daemon's next plan",
    due="the page Due",
    rounds="the page Rounds lists it",
    go_live="an admin's `bugbridge go-live`",
    told="press “Told” in the ticket's sidebar",
    retry="an admin's `bugbridge retry`",
    taken_down={
        "told": "“Told” in the sidebar",
        "workaround-confirmed": "“Worked” in the sidebar",
        "workaround-failed": "“Failed” in the sidebar",
        "workaround-found": "the bug's page records it",
        "another-workaround-found": "the bug's page records it",
        "meets-daily": "“Daily” in the sidebar",
        "meets-sometimes": "“Sometimes” in the sidebar",
        "promise-made": "a public reply that promises it",
    },
)
