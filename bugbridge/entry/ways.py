"""What people can do about a decision: with a command where they type, by a button where they look at a page."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ways:
    """Ends of sentences. `rights` says what tries a helpdesk's rights, `reads` what reads a ticket that isn't known;
    `versions` and `suggestions` say where a policy's and a bug's are listed. `taken_down` says by what a change that
    somebody knows of is recorded; a text in braces is the ticket, the issue, or the option that names the issue."""

    plan: str
    due: str
    rounds: str
    go_live: str
    told: str
    retry: str
    rights: str
    reads: str
    versions: str
    suggestions: str
    taken_down: Mapping[str, str]


COMMAND_LINE = Ways(
    plan="`bugbridge plan`",
    due="`bugbridge due`",
    rounds="`bugbridge round list`",
    go_live="`bugbridge go-live`",
    told="say so with `bugbridge told`",
    retry="`bugbridge retry`",
    rights="`bugbridge doctor`",
    reads="`bugbridge sync` reads tickets, `bugbridge link` reads one",
    versions="`bugbridge policy history`",
    suggestions="`bugbridge workaround {issue}`",
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
    rights="an admin's `bugbridge doctor`",
    reads="the daemon reads tickets, its sidebar reads one",
    versions="/policy/versions",
    suggestions="the bug's page",
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
