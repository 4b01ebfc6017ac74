"""Which updates wait in a round, and what a person's word does to them: a fold of events, whatever their order."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.events import Event
from bugbridge.core.model import BugEventKind, LinkEventKind, LinkHow, Review, Stage, Workaround
from bugbridge.core.policy_model import REPLY, LimitRules
from bugbridge.core.records import LinkHistory, LinkKey
from bugbridge.core.round_view import (
    LONGEST_REPLY,
    Decision,
    DraftKnown,
    Eye,
    RoundRow,
    RoundView,
    Standing,
    Wish,
    eye_of,
    judge_wishes,
    ready_of,
)
from bugbridge.core.rounds import approval_value, is_approved, review_of, round_value
from bugbridge.core.stages import timeline
from tests.core.builders import (
    BUG,
    POLICY,
    TICKET,
    asks,
    bug_event,
    day,
    link_event,
    link_history,
    linked,
    live_from,
    plan_on,
    promise,
    release,
    reply,
    stage,
    state_on,
)

LIMITS = LimitRules()
REPORTED = (linked(1), asks(1), reply(1.1))
RELEASED = (stage(2, Stage.OPEN), release(3, "4.2"), stage(3, Stage.RELEASED))
ALL = (*REPORTED, *RELEASED)


def history(*events: Event, links: int = 4) -> LinkHistory:
    """The link in question, of a bug with so many of them."""
    own = link_history(*events)
    others = tuple(LinkKey(TICKET + number, BUG) for number in range(links))
    return replace(own, bug=replace(own.bug, links=others))


def news_seq(*events: Event) -> int:
    """The event of the latest news."""
    return timeline(link_history(*events).bug).news[-1].seq


def review(*events: Event, links: int = 4, limits: LimitRules = LIMITS, on: float = 9) -> Review:
    """Whether the update that is called for waits."""
    (intention,) = plan_on(on, *events).intentions
    return review_of(history(*events, links=links), state_on(on, *events), intention, limits)


def decided(*, is_round: bool) -> Event:
    """It was said whether the release is a round."""
    return bug_event(4, BugEventKind.ROUND, round_value(news_seq(*ALL), is_round=is_round))


def said(on: float, value: str) -> Event:
    """A person's word."""
    return link_event(on, LinkEventKind.REVIEWED, value)


def approved(on: float, *, of: int | None = None) -> Event:
    """A person approved what is said of the release."""
    return said(on, approval_value(news_seq(*ALL) if of is None else of))


@pytest.mark.parametrize(("links", "waits"), [(2, Review.NONE), (3, Review.WAITING), (40, Review.WAITING)])
def test_news_for_three_tickets_waits_until_it_is_known_whether_it_is_a_round(links: int, waits: Review) -> None:
    """From the moment at which it is planned."""
    assert review(*ALL, links=links) is waits


def test_zero_means_never() -> None:
    """As before there were rounds."""
    assert review(*ALL, limits=replace(LIMITS, round_from_tickets=0)) is Review.NONE


@pytest.mark.parametrize(("is_round", "waits"), [(True, Review.WAITING), (False, Review.NONE)])
def test_what_was_decided_once_holds(*, is_round: bool, waits: Review) -> None:
    """Whatever number of tickets there are by now, and whatever the policy says by then."""
    event = decided(is_round=is_round)
    for links in (1, 40):
        for least in (0, 3, 100):
            assert review(*ALL, event, links=links, limits=replace(LIMITS, round_from_tickets=least)) is waits


def test_a_link_made_after_the_news_is_none_of_its_round() -> None:
    """It tells by itself."""
    events = (linked(5, LinkHow.HAND), asks(1), reply(1.1), *RELEASED)
    assert review(*events) is Review.NONE
    assert review(*events, decided(is_round=True)) is Review.NONE


def test_promises_turns_and_replies_of_a_rule_are_in_no_round() -> None:
    """A promise has a date, a turn is its customer's own, and what a rule lets out by itself needs nobody."""
    assert review(*REPORTED, stage(0, Stage.OPEN), promise(2, 5), on=6) is Review.NONE
    (intention,) = plan_on(9, *ALL).intentions
    by_rule = replace(intention, deliver=REPLY)
    assert review_of(history(*ALL), state_on(9, *ALL), by_rule, LIMITS) is Review.NONE
    periodic = replace(intention, reason="periodic", news_seq=None, ordinal=1)
    assert review_of(history(*ALL), state_on(9, *ALL), periodic, LIMITS) is Review.NONE
    of_a_team = replace(intention, reason="ask-sales")
    assert review_of(history(*ALL), state_on(9, *ALL), of_a_team, LIMITS) is Review.NONE


@pytest.mark.parametrize("word", [Review.WAITING, Review.RELEASED, Review.DROPPED])
def test_a_persons_word_outranks_the_round(word: Review) -> None:
    """Until the next one."""
    assert review(*ALL, decided(is_round=True), said(5, word)) is word
    assert review(*ALL, decided(is_round=True), said(5, Review.DROPPED), said(6, word)) is word


def test_a_word_about_older_news_says_nothing_of_newer() -> None:
    """It holds for what was news by then."""
    assert review(*ALL, decided(is_round=True), said(2.5, Review.DROPPED)) is Review.WAITING


def test_what_was_known_when_it_was_said_was_news_whatever_the_trackers_clock_shows() -> None:
    """The release is dated an hour ahead of us."""
    word = replace(said(2.9, Review.RELEASED), seq=news_seq(*ALL) + 1)
    assert review(*ALL, decided(is_round=True), word) is Review.RELEASED


def test_an_approval_is_of_one_piece_of_news_alone() -> None:
    """Its words are frozen."""
    assert review(*ALL, decided(is_round=True), approved(5)) is Review.APPROVED
    assert review(*ALL, decided(is_round=True), approved(5, of=1)) is Review.WAITING
    assert review(*ALL, said(4, Review.DROPPED), approved(5, of=1)) is Review.DROPPED


def test_an_approval_ends_when_the_customer_writes() -> None:
    """Whatever an agent answers then; another one counts."""
    events = (*ALL, decided(is_round=True), approved(5), asks(6), reply(6.5))
    assert review(*events) is Review.WAITING
    assert review(*events, approved(7)) is Review.APPROVED


@pytest.mark.parametrize("kind", [LinkEventKind.TO_AGENT, LinkEventKind.STILL_DUE])
def test_an_approval_ends_when_nobody_knows_what_the_customer_heard(kind: LinkEventKind) -> None:
    """A person looks first."""
    doubt = link_event(6, kind, "2026-01-01T09:00:00.000000Z" if kind is LinkEventKind.STILL_DUE else "reply-unknown")
    assert review(*ALL, decided(is_round=True), approved(5), doubt) is Review.WAITING


def test_an_approval_on_a_ticket_that_was_merged_isnt_its_survivors() -> None:
    """The words were for the other ticket's customer."""
    other = replace(approved(5), ticket_id=TICKET + 1)  # type: ignore[call-arg]
    assert review(*ALL, decided(is_round=True), other) is Review.WAITING


WORDS = st.lists(
    st.sampled_from(["approved", "other", "waiting", "released", "dropped", "writes", "doubt"]), max_size=6
)


@given(WORDS)
def test_the_last_word_decides_and_an_approval_that_ended_never_comes_back(words: list[str]) -> None:
    """Whatever came before."""
    events: list[Event] = [decided(is_round=True)]
    expected = Review.WAITING
    for number, word in enumerate(words):
        on = 5 + number / 10
        match word:
            case "approved":
                events.append(approved(on))
                expected = Review.APPROVED
            case "other":
                events.append(approved(on, of=1))
            case "writes":
                events += [asks(on), reply(on + 0.01)]
                expected = Review.WAITING if expected is Review.APPROVED else expected
            case "doubt":
                events.append(link_event(on, LinkEventKind.TO_AGENT, "cancelled"))
                expected = Review.WAITING if expected is Review.APPROVED else expected
            case _:
                events.append(said(on, word))
                expected = Review(word)
    assert review(*ALL, *events) is expected
    (intention,) = plan_on(9, *ALL, *events).intentions
    known = history(*ALL, *events)
    assert is_approved(known, state_on(9, *ALL, *events), intention) is (expected is Review.APPROVED)


# What a person sees and may do.

FACTS = state_on(9, *ALL).facts
READY = DraftKnown(exists=True, in_language=True, security=False)


def test_a_draft_is_ready_unless_something_speaks_against_it() -> None:
    """Each reason is named."""
    assert eye_of(FACTS, "released", READY, assigned=True) == ()
    assert eye_of(replace(FACTS, tier="enterprise"), "released", READY, assigned=True) == (Eye.ENTERPRISE,)
    assert eye_of(replace(FACTS, unanswered=True), "released", READY, assigned=True) == (Eye.UNANSWERED,)
    failed = replace(FACTS, workaround=Workaround.FAILED)
    assert eye_of(failed, "workaround", READY, assigned=False) == (Eye.WORKAROUND_FAILED, Eye.NOBODY)
    assert eye_of(FACTS, "clear-no", READY, assigned=True) == (Eye.CLEAR_NO,)
    assert eye_of(FACTS, "wrongly-told", READY, assigned=True) == (Eye.CORRECTION,)
    assert eye_of(FACTS, "released", replace(READY, in_language=False), assigned=True) == (Eye.LANGUAGE,)
    foreign = replace(READY, workaround_in_language=False)
    assert eye_of(FACTS, "workaround", foreign, assigned=True) == (Eye.WORKAROUND_LANGUAGE,)
    assert eye_of(FACTS, "released", DraftKnown(exists=False, in_language=False, security=True), assigned=True) == (
        Eye.SECURITY,
    )
    assert eye_of(FACTS, "released", DraftKnown(exists=False, in_language=False, security=False), assigned=True) == (
        Eye.NO_DRAFT,
    )


def row(number: int, standing: Standing = Standing.READY, **options: object) -> RoundRow:
    """A ticket in the round."""
    ready = RoundRow(LinkKey(number, BUG), f"support:{number}", standing, Workaround.NONE, "en", text="Draft.")
    return replace(ready, **options)  # type: ignore[arg-type]


def view(*rows: RoundRow) -> RoundView:
    """A round of these tickets."""
    return RoundView(BUG, "github:acme/app#12", timeline(link_history(*ALL).bug).news[-1], rows)


def test_drafts_are_grouped_by_workaround_language_and_tier_the_largest_group_first() -> None:
    """What needs an eye is in none."""
    rows = [row(1, tier="business"), row(2), row(3), row(4, language="de"), row(5, Standing.EYE, eye=(Eye.NOBODY,))]
    assert {name: len(own) for name, own in view(*rows).groups().items()} == {
        "none/en/-": 2,
        "none/de/-": 1,
        "none/en/business": 1,
    }
    assert next(iter(view(*rows).groups())) == "none/en/-"


@pytest.mark.parametrize(
    ("one", "text", "problem"),
    [
        (row(1, Standing.ASIDE), None, "any more"),
        (row(1, Standing.EYE, eye=(Eye.UNANSWERED,)), None, "waits for an answer"),
        (row(1, Standing.EYE, eye=(Eye.UNDELIVERED,)), None, "bugbridge retry"),
        (row(1, Standing.EYE, eye=(Eye.NO_DRAFT,), text=""), None, "has no draft"),
        (row(1), " \n", "has no draft"),
        (row(1), "x" * (LONGEST_REPLY + 1), "more than 20,000"),
        (row(1, Standing.APPROVED, sending=True), "Other.", "being sent"),
        (row(2), None, "isn't in this round"),
    ],
)
def test_what_cant_be_approved_says_why(one: RoundRow, text: str | None, problem: str) -> None:
    """In a sentence that goes on after the ticket's name."""
    judged = judge_wishes(view(one), [Wish(1, Decision.APPROVE, text)])
    assert (judged.nothing, problem in judged.problems[0][1]) == (True, True)


def test_what_is_done_already_is_nothing_to_do() -> None:
    """So that a file can be read twice."""
    rows = [row(1, Standing.SENT), row(2, Standing.KNOWN), row(3, Standing.APPROVED), row(4)]
    wishes = [*(Wish(number, Decision.APPROVE, "Draft.") for number in (1, 2, 3)), Wish(4, Decision.TAKE_BACK)]
    judged = judge_wishes(view(*rows), wishes)
    assert (judged.nothing, judged.problems) == (True, ())


def test_other_words_are_approved_anew() -> None:
    """While nobody sends the first."""
    judged = judge_wishes(view(row(1, Standing.APPROVED)), [Wish(1, Decision.APPROVE, "Mine.")])
    assert [text for _, text in judged.approve] == ["Mine."]


def test_an_agents_own_ready_drafts_are_theirs_alone() -> None:
    """Neither another's nor what needs an eye."""
    rows = [row(1), row(2), row(3, Standing.EYE, eye=(Eye.ENTERPRISE,))]
    assert [wish.ticket_id for wish in ready_of(rows, {1, 3})] == [1]


def test_days_are_as_the_builders_have_them() -> None:
    """The policy of these tests tells of a release at once."""
    assert [one.due_at for one in plan_on(9, *ALL, live_from(0), policy=POLICY).intentions] == [day(3)]
