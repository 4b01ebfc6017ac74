"""Advice in words: whole sentences with a team's figures, for a meeting."""

import pytest

from bugbridge.core.audit_advice import Reason
from bugbridge.core.audit_model import Advice, Saving
from bugbridge.core.records import Note
from bugbridge.render.advice_words import REASONS, advice_sentences

WASTED = {"whose": "frequent", "updates": 96, "wasted": 80}
ADVICE = Advice(
    '[grid] "frequent"',
    '"every 2-8 weeks"',
    '"every 4-16 weeks"',
    Note(Reason.WITHOUT_NEWS, WASTED),
    Saving(100, 130, 96, 41, 0, 0, (-0.55, -0.7, -0.41)),
)
FIGURES: dict[Reason, dict[str, object]] = {
    Reason.WITHOUT_NEWS: WASTED,
    Reason.WITHOUT_NEWS_IN_LONG_HAUL: {**WASTED, "whose": "infrequent", "typical_days": 75.9},
    Reason.CHANCE_NOT_MET: {"whose": "all", "updates": 96, "wasted": 80, "chance": 0.25},
    Reason.LONG_HAUL_NOT_COUNTED: {**WASTED, "whose": "all", "typical_days": 75.9, "long_haul_days": 365},
    Reason.ASKED_AND_MISSED: {"replies": 80, "asked_for": 60, "news": 90, "news_missed": 40},
    Reason.FIXED_WITHOUT_RELEASE: {"bugs": 100, "unreleased": 80},
    Reason.RELEASED_AFTER_MERGING: {"bugs": 60, "days": 11.2, "merge_days": 7},
    Reason.RELEASE_TOLD_LATE: {"links": 40, "not_told": 15, "days": 6.4},
    Reason.UPDATES_BEHIND: {"required": 50, "late": 12, "missed": 8, "reminders": 50},
    Reason.REMINDERS_BEHIND: {"required": 50, "late": 12, "missed": 8, "reminders": 15},
    Reason.STALLED_TOO_LATE: {"slow_days": 40.2, "stalled_after_days": 180},
}
SENTENCES = {
    Reason.WITHOUT_NEWS: "Of 96 updates on bugs met often, 80 carried no news.",
    Reason.WITHOUT_NEWS_IN_LONG_HAUL: (
        "Half of all your bugs take 75 days or more, and of 96 updates on bugs met rarely, or nobody knows how often, "
        "80 carried no news."
    ),
    Reason.CHANCE_NOT_MET: "You write again at a chance of news of 25 %, and of 96 updates, 17 % carried any.",
    Reason.LONG_HAUL_NOT_COUNTED: (
        "Half of all your bugs take 75 days or more, which isn't a long haul before 365 days, and of 96 updates, 80 "
        "carried no news."
    ),
    Reason.ASKED_AND_MISSED: (
        "Customers had to ask for 60 of the 80 replies they got, and 40 of 90 pieces of news never reached them."
    ),
    Reason.FIXED_WITHOUT_RELEASE: "Of 100 fixed bugs, 80 have no known release, and a fix alone isn't told.",
    Reason.RELEASED_AFTER_MERGING: (
        "Of 60 released bugs, three in four were released within 12 days of the fix, and a fix waits 7 days for its "
        "release, so customers are written to twice."
    ),
    Reason.RELEASE_TOLD_LATE: (
        "On 15 of 40 tickets whose bug was released the customer wasn't told; half of the others knew of it only after "
        "6 days or more."
    ),
    Reason.UPDATES_BEHIND: (
        "Of 50 updates that the policy called for, 12 came late and 8 not at all, and a reminder that nobody meets "
        "isn't repeated."
    ),
    Reason.REMINDERS_BEHIND: (
        "Of 50 updates that the policy called for, 12 came late and 8 not at all, and only 15 reminders went out."
    ),
    Reason.STALLED_TOO_LATE: (
        "Nine in ten bugs were fixed within 41 days, and the lead is asked about one in which nothing happens only "
        "after 180 days."
    ),
}


def saved(saving: Saving) -> str:
    """What is said of a saving."""
    advice = Advice(ADVICE.key, ADVICE.now, ADVICE.instead, ADVICE.because, saving)
    return advice_sentences(advice)[2]


def test_advice_says_the_figure_the_change_what_it_would_have_saved_and_how_to_try_it() -> None:
    """In this order, each a sentence."""
    assert advice_sentences(ADVICE) == (
        "Of 96 updates on bugs met often, 80 carried no news.",
        'Try [grid] "frequent" = "every 4-16 weeks" instead of "every 2-8 weeks".',
        (
            "Replayed over your last 100 reported bugs, this change alone would have sent 41 updates instead of 96, "
            "and no news would have been missed; per bug 0.55 fewer (95 % interval 0.41 to 0.70)."
        ),
        (
            "To try it, change that line in a copy of your policy file and run `bugbridge policy replay new.toml "
            "--last 100`; nothing changes by itself."
        ),
    )


@pytest.mark.parametrize("reason", Reason)
def test_each_reason_has_its_sentence(reason: Reason) -> None:
    """With the figure that says so; a limit is never rounded to what isn't so."""
    advice = Advice("[cadence] chance_of_news", "0.25", "0.5", Note(reason, FIGURES[reason]))
    assert advice_sentences(advice)[0] == SENTENCES[reason]
    assert REASONS.keys() == set(Reason)


@pytest.mark.parametrize(
    ("saving", "expected"),
    [
        (
            Saving(100, 130, 96, 41, 5, 5, (-0.55, -0.7, -0.41)),
            "41 updates instead of 96, and 5 pieces of news would have been missed, as now; per bug 0.55 fewer",
        ),
        (
            Saving(100, 130, 96, 41, 0, 1, (-0.55, -0.7, -0.41)),
            "41 updates instead of 96, and 1 piece of news would have been missed instead of none; per bug 0.55 fewer",
        ),
        (
            Saving(100, 130, 96, 130, 40, 0, (0.34, 0.2, 0.5)),
            "130 updates instead of 96, and 0 pieces of news would have been missed instead of 40; per bug 0.34 more",
        ),
        (
            Saving(100, 130, 96, 96, 4, 2, (0.0, 0.0, 0.0)),
            "96 updates, as now, and 2 pieces of news would have been missed instead of 4; per bug 0.00 more",
        ),
    ],
)
def test_what_a_change_would_have_cost_is_said_too(saving: Saving, expected: str) -> None:
    """News missed, and updates more."""
    assert expected in saved(saving)


def test_an_interval_that_holds_fewer_and_more_says_so() -> None:
    """No sign is lost."""
    found = saved(Saving(20, 20, 40, 38, 9, 2, (-0.1, -0.3, 0.12)))
    assert found.endswith("per bug 0.10 fewer (95 % interval 0.30 fewer to 0.12 more).")


def test_what_no_replay_can_show_says_so() -> None:
    """It rests on its figure alone."""
    because = Note(Reason.STALLED_TOO_LATE, FIGURES[Reason.STALLED_TOO_LATE])
    assert advice_sentences(Advice("[facts] stalled_after_days", "180", "42", because))[1:] == (
        "Try [facts] stalled_after_days = 42 instead of 180.",
        (
            "A replay can't show what this would have changed: it follows what customers hear, and neither limits nor "
            "questions to the lead. Nothing changes by itself; `bugbridge policy apply new.toml` puts a changed copy "
            "of your policy file in force."
        ),
    )


def test_advice_without_another_value_is_about_practice() -> None:
    """No key is to be changed."""
    because = Note(Reason.RELEASE_TOLD_LATE, {"links": 40, "not_told": 1, "days": None})
    assert advice_sentences(Advice("[limits] round_from_tickets", "3", "", because)) == (
        "On 1 of 40 tickets whose bug was released the customer wasn't told.",
        (
            "That is practice more than policy: `bugbridge round list` shows what waits for a review, and a round that "
            "is approved on the day of the release tells everyone at once."
        ),
    )
