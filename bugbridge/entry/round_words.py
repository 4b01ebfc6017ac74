"""What is said of a round and its tickets, on a terminal and on a page."""

from dataclasses import replace
from typing import TYPE_CHECKING

from bugbridge.core.model import LinkHow, Workaround
from bugbridge.core.round_view import Eye, RoundRow, RoundView, Standing
from bugbridge.core.wording_model import WordingFinding
from bugbridge.render.languages import language_words
from bugbridge.render.plain import clean_line

if TYPE_CHECKING:
    from bugbridge.services.claiming import Sender
    from bugbridge.services.reply_checking import CheckedReply

EYES = {
    Eye.UNANSWERED: "the customer waits for an answer",
    Eye.UNDELIVERED: "the reply couldn't be posted",
    Eye.ENTERPRISE: "an enterprise customer",
    Eye.WORKAROUND_FAILED: "the workaround failed",
    Eye.CLEAR_NO: "a no comes from a person",
    Eye.CORRECTION: "a correction comes from a person",
    Eye.SECURITY: "the wording belongs with the security team",
    Eye.NO_DRAFT: "there is no draft",
    Eye.LANGUAGE: "there is no draft in the customer's language",
    Eye.WORKAROUND_LANGUAGE: "the workaround's text is in another language than the draft",
    Eye.NOBODY: "nobody has the ticket",
    Eye.WROTE_SINCE: "the customer wrote after the reply was approved",
    Eye.IN_DOUBT: "nobody knows what the customer has heard",
}
HOWS = {
    LinkHow.REPLY: "a reply of ours",
    LinkHow.HAND: "an agent said so",
    LinkHow.LINE: "an agent said so in a note",
}
ASIDE = {
    "by-itself": "told by itself, since it was linked after the news",
    "released": "its agent is reminded instead",
    "dropped": "let be",
    "same-customer": "the same customer's other ticket is in the round",
    "posted": "its agent was reminded",
}
WORKAROUNDS = {
    Workaround.NONE: "no workaround is known",
    Workaround.KNOWN: "the workaround isn't sent yet",
    Workaround.TOLD: "the workaround was sent",
    Workaround.CONFIRMED: "the workaround works",
    Workaround.FAILED: "the workaround failed",
}
HELD = "held for ten minutes from the next sending on, then sent in open hours"
CONTROL_CHARACTERS = "the text has control characters, which no customer should get: take them out."


def head_of(sender: "Sender", view: RoundView, sends: str) -> str:
    """Say how a round stands, and what sends the drafts that are ready."""
    from bugbridge.services.round_notes import head_line

    until = sends if view.standing(Standing.READY) else "you approve it, ticket by ticket"
    return head_line(replace(sender, language="en"), view, until)


def group_words(row: RoundRow) -> str:
    """Name the group of a ticket that is ready, for people: by workaround, language and plan."""
    plan = f"plan {row.tier}" if row.tier else "no plan"
    return f"{WORKAROUNDS[row.workaround]}, {language_words(row.language)}, {plan}"


def goes_out(row: RoundRow, at: str) -> str:
    """Say when an approved reply goes out, `at` being when it does where that is known, "" where not."""
    return "is being sent" if row.sending else at or "ten minutes after the next sending"


def how_known(why: str) -> str:
    """Say how a customer knows."""
    return next((words for how, words in HOWS.items() if how == why), f"a reply names {why}")


def why_aside(why: str) -> str:
    """Say why a ticket is none of a round."""
    return ASIDE.get(why, f"the policy has nobody tell them now ({why})")


def unchecked_words(found: "CheckedReply") -> str:
    """Say why a reply isn't checked, "" where it is."""
    if found.checked:
        return ""
    if found.language:
        return f"Not checked: there are no rules for {found.language}."
    return "Not checked: its words don't tell which language it is in."


def said_of_wording(finding: WordingFinding) -> str:
    """Say what was found in a reply's wording, and what to write instead."""
    return f'"{clean_line(finding.text)}": {finding.message} Better: {finding.suggestion}'
