"""Advice in words: the figure, the change, what a replay says of it, and how a team tries it."""

from collections.abc import Callable, Mapping
from math import ceil, floor
from typing import Any

from bugbridge.core.audit_advice import Reason
from bugbridge.core.audit_model import Advice, Saving
from bugbridge.render.audit_phrases import counted, percent

WHOSE = {
    "all": "",
    "frequent": " on bugs met often",
    "infrequent": " on bugs met rarely, or nobody knows how often",
    "enterprise": " on bugs of enterprise customers",
}


def advice_sentences(advice: Advice) -> tuple[str, ...]:
    """Say one piece of advice in sentences. Raises KeyError for a reason without words."""
    because = REASONS[Reason(advice.because.id)](advice.because.parameters)
    if not advice.instead:
        return (because, PRACTICE)
    change = f"Try {advice.key} = {advice.instead} instead of {advice.now}."
    if advice.saving is None:
        return (because, change, NOT_REPLAYED)
    return (because, change, _saved(advice.saving), _trying(advice.saving))


PRACTICE = (
    "That is practice more than policy: `bugbridge round list` shows what waits for a review, and a round that is "
    "approved on the day of the release tells everyone at once."
)
NOT_REPLAYED = (
    "A replay can't show what this would have changed: it follows what customers hear, and neither limits nor "
    "questions to the lead. Nothing changes by itself; `bugbridge policy apply new.toml` puts a changed copy of your "
    "policy file in force."
)


def _saved(saving: Saving) -> str:
    sent = f"{counted(saving.updates_instead, 'update')}{_than_now(saving.updates_instead, saving.updates_now)}"
    return (
        f"Replayed over your last {counted(saving.bugs, 'reported bug')}, this change alone would have sent {sent}, "
        f"and {_missed(saving)}; per bug {_per_bug(saving.per_bug)}."
    )


def _missed(saving: Saving) -> str:
    now, instead = saving.news_missed_now, saving.news_missed_instead
    if not now and not instead:
        return "no news would have been missed"
    return f"{counted(instead, 'piece')} of news would have been missed{_than_now(instead, now)}"


def _than_now(instead: int, now: int) -> str:
    return ", as now" if instead == now else f" instead of {now or 'none'}"


def _per_bug(difference: tuple[float, float, float]) -> str:
    """Say a difference in updates by its size; where the interval holds both fewer and more, each limit says which."""
    mean, low, high = difference
    word = "fewer" if mean < 0 else "more"
    if low * high < 0:
        return f"{abs(mean):.2f} {word} (95 % interval {-low:.2f} fewer to {high:.2f} more)"
    nearer, further = sorted((abs(low), abs(high)))
    return f"{abs(mean):.2f} {word} (95 % interval {nearer:.2f} to {further:.2f})"


def _trying(saving: Saving) -> str:
    return (
        "To try it, change that line in a copy of your policy file and run "
        f"`bugbridge policy replay new.toml --last {saving.bugs}`; nothing changes by itself."
    )


Figures = Mapping[str, Any]


def _wasted(figures: Figures) -> str:
    updates = counted(figures["updates"], "update")
    return f"of {updates}{WHOSE[figures['whose']]}, {figures['wasted']} carried no news"


def _without_news(figures: Figures) -> str:
    return f"{_begun(_wasted(figures))}."


def _in_long_haul(figures: Figures) -> str:
    return f"{_typical(figures)}, and {_wasted(figures)}."


def _long_haul_not_counted(figures: Figures) -> str:
    days = _days(figures["long_haul_days"])
    return f"{_typical(figures)}, which isn't a long haul before {days}, and {_wasted(figures)}."


def _chance_not_met(figures: Figures) -> str:
    with_news = (figures["updates"] - figures["wasted"]) / figures["updates"]
    return (
        f"You write again at a chance of news of {percent(figures['chance'])}, and of "
        f"{counted(figures['updates'], 'update')}, {percent(with_news)} carried any."
    )


def _asked_and_missed(figures: Figures) -> str:
    return (
        f"Customers had to ask for {figures['asked_for']} of the {figures['replies']} replies they got, and "
        f"{figures['news_missed']} of {figures['news']} pieces of news never reached them."
    )


def _fixed_without_release(figures: Figures) -> str:
    return (
        f"Of {counted(figures['bugs'], 'fixed bug')}, {figures['unreleased']} have no known release, and a fix alone "
        "isn't told."
    )


def _released_after_merging(figures: Figures) -> str:
    within, waits = _days(ceil(figures["days"])), _days(figures["merge_days"])
    return (
        f"Of {counted(figures['bugs'], 'released bug')}, three in four were released within {within} of the fix, and "
        f"a fix waits {waits} for its release, so customers are written to twice."
    )


def _release_told_late(figures: Figures) -> str:
    not_told, days = figures["not_told"], figures["days"]
    known = "" if days is None else f"; half of the others knew of it only after {_days(floor(days))} or more"
    tickets = counted(figures["links"], "ticket")
    return f"On {not_told} of {tickets} whose bug was released the customer wasn't told{known}."


def _behind(figures: Figures) -> str:
    return (
        f"Of {counted(figures['required'], 'update')} that the policy called for, {figures['late']} came late and "
        f"{figures['missed']} not at all"
    )


def _updates_behind(figures: Figures) -> str:
    return f"{_behind(figures)}, and a reminder that nobody meets isn't repeated."


def _reminders_behind(figures: Figures) -> str:
    return f"{_behind(figures)}, and only {counted(figures['reminders'], 'reminder')} went out."


def _stalled_too_late(figures: Figures) -> str:
    within, asked_after = _days(ceil(figures["slow_days"])), _days(figures["stalled_after_days"])
    return (
        f"Nine in ten bugs were fixed within {within}, and the lead is asked about one in which nothing happens only "
        f"after {asked_after}."
    )


REASONS: Mapping[Reason, Callable[[Figures], str]] = {
    Reason.WITHOUT_NEWS: _without_news,
    Reason.WITHOUT_NEWS_IN_LONG_HAUL: _in_long_haul,
    Reason.CHANCE_NOT_MET: _chance_not_met,
    Reason.LONG_HAUL_NOT_COUNTED: _long_haul_not_counted,
    Reason.ASKED_AND_MISSED: _asked_and_missed,
    Reason.FIXED_WITHOUT_RELEASE: _fixed_without_release,
    Reason.RELEASED_AFTER_MERGING: _released_after_merging,
    Reason.RELEASE_TOLD_LATE: _release_told_late,
    Reason.UPDATES_BEHIND: _updates_behind,
    Reason.REMINDERS_BEHIND: _reminders_behind,
    Reason.STALLED_TOO_LATE: _stalled_too_late,
}
"""The sentence for each reason, from the figures that the note holds."""


def _typical(figures: Figures) -> str:
    return f"Half of all your bugs take {_days(floor(figures['typical_days']))} or more"


def _begun(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]


def _days(days: int) -> str:
    return counted(days, "day")
