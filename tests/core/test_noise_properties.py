"""What holds for whatever falls due, whenever somebody looks: caps, quiet hours, and nothing lost or doubled."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bugbridge.core.calendar import is_open, start_of_today
from bugbridge.core.noise import ORDINARY, SentNote, Situation, Verdict, judge
from bugbridge.core.planning import PROMISED
from bugbridge.core.policy_model import LimitRules
from bugbridge.core.records import UpdateItem
from tests.core.noise_scene import HOUR, TEAM, berlin, ticket, update

START = berlin("2026-03-20T00:00")
REASONS = ("workaround", "periodic", "fixed", "released", "declined", "promised", "clear-no")
# Two customers of one agent: the first on two tickets, the other an enterprise.
TICKETS = (ticket(1), ticket(2, active="2026-03-05T10:00"), ticket(3))
TICKETS_OF = {7: (1, 2), 8: (3,)}
ENTERPRISE = 8
SPAN = timedelta(days=7)
FAR = 24 * 120

UPDATES = st.lists(
    st.tuples(st.sampled_from(REASONS), st.integers(0, 24 * 20), st.sampled_from([(7, 1), (7, 2), (8, 3)])), max_size=12
)
LIMITS = st.builds(
    LimitRules,
    batch_business_days=st.sampled_from([0, 1, 3]),
    per_enterprise_contact=st.sampled_from([1, 2, 3]),
    reminders_per_agent_day=st.sampled_from([1, 2, 8]),
)


@dataclass
class Team:
    """What is planned and what was posted, as a daemon's passes leave it; each note is met so many hours later."""

    items: dict[str, UpdateItem]
    limits: LimitRules
    met_after: timedelta | None
    posted: list[tuple[datetime, int, Verdict]] = field(default_factory=list)

    def situation(self, party: int, now: datetime) -> Situation:
        """What is known of one customer now."""
        today = [at for at, _, _ in self.posted if at >= start_of_today(now, TEAM)]
        return Situation(
            [item for item in self.items.values() if item.party_id == party],
            [one for one in TICKETS if one.id in TICKETS_OF[party]],
            [self.note(at, verdict, now) for at, whose, verdict in self.posted if whose == party],
            party == ENTERPRISE,
            Counter({"ann": len(today)}),
        )

    def note(self, at: datetime, verdict: Verdict, now: datetime) -> SentNote:
        """A note as it stands now."""
        met_at = at + self.met_after if self.met_after is not None and at + self.met_after <= now else None
        return SentNote(frozenset(item.reason for item in verdict.together), at, met_at)

    def passes(self, now: datetime) -> None:
        """One pass: whatever is due is taken or put off."""
        while due := [item for item in self.items.values() if item.due_at <= now]:
            verdict = judge(self.situation(due[0].party_id, now), now, self.limits, TEAM)
            assert verdict.together or verdict.put_off
            for item, until in verdict.put_off:
                assert until > now
                self.items[item.key] = replace(item, due_at=until)
            for item in verdict.together:
                del self.items[item.key]
            if verdict.together:
                self.posted.append((now, due[0].party_id, verdict))

    def run(self, every: int) -> None:
        """Look so often, in hours, until nothing is planned any more."""
        for hours in range(0, FAR, every):
            self.passes(START + hours * HOUR)
            if not self.items:
                return


def planned(drawn: list[tuple[str, int, tuple[int, int]]]) -> dict[str, UpdateItem]:
    """The drawn updates by their keys."""
    items = [
        update(reason, START + hours * HOUR, key=f"{number}:{reason}", party=party, ticket=on)
        for number, (reason, hours, (party, on)) in enumerate(drawn)
    ]
    return {item.key: item for item in items}


def ran(drawn: list[tuple[str, int, tuple[int, int]]], limits: LimitRules, met_after: int | None, every: int) -> Team:
    """A team after all of its passes."""
    team = Team(planned(drawn), limits, None if met_after is None else met_after * HOUR)
    team.run(every)
    return team


MET_AFTER = st.one_of(st.none(), st.integers(1, 60))
EVERY = st.sampled_from([1, 5, 30])


@given(UPDATES, LIMITS, MET_AFTER, EVERY)
@settings(max_examples=60)
def test_nothing_is_lost_or_doubled(
    drawn: list[tuple[str, int, tuple[int, int]]], limits: LimitRules, met_after: int | None, every: int
) -> None:
    """Each update is in exactly one note, of its own customer, however rarely somebody looks."""
    team = ran(drawn, limits, met_after, every)
    told = [(party, item.party_id, item.key) for _, party, verdict in team.posted for item in verdict.together]
    assert sorted(key for _, _, key in told) == sorted(planned(drawn))
    assert all(party == own for party, own, _ in told)


@given(UPDATES, LIMITS, st.sampled_from([None, 0]), EVERY)
@settings(max_examples=60)
def test_caps_hold_for_every_customer_in_any_seven_days(
    drawn: list[tuple[str, int, tuple[int, int]]], limits: LimitRules, met_after: int | None, every: int
) -> None:
    """Of messages without a promise, an end or a question, whether notes are met at once or never."""
    team = ran(drawn, limits, met_after, every)
    for party, most in ((7, 1), (ENTERPRISE, limits.per_enterprise_contact)):
        unasked = [
            at
            for at, whose, verdict in team.posted
            if whose == party and all(item.reason in ORDINARY for item in verdict.together)
        ]
        assert all(sum(begin <= at < begin + SPAN for at in unasked) <= most for begin in unasked)


@given(UPDATES, LIMITS, MET_AFTER, EVERY)
@settings(max_examples=60)
def test_an_agents_day_is_never_overfull_but_by_promises(
    drawn: list[tuple[str, int, tuple[int, int]]], limits: LimitRules, met_after: int | None, every: int
) -> None:
    """Notes without a promise are posted only while there is room."""
    team = ran(drawn, limits, met_after, every)
    days = Counter[datetime]()
    for at, _, verdict in team.posted:
        day = start_of_today(at, TEAM)
        promised = any(item.reason == PROMISED for item in verdict.together)
        assert promised or days[day] < limits.reminders_per_agent_day
        days[day] += 1


@given(UPDATES, LIMITS, MET_AFTER, EVERY)
@settings(max_examples=60)
def test_nothing_but_promises_in_quiet_hours_or_on_closed_days(
    drawn: list[tuple[str, int, tuple[int, int]]], limits: LimitRules, met_after: int | None, every: int
) -> None:
    """Also after days on which nobody looked."""
    team = ran(drawn, limits, met_after, every)
    at_night = [item for at, _, verdict in team.posted if not is_open(at, TEAM) for item in verdict.together]
    assert [item.reason for item in at_night if item.reason != PROMISED] == []


@given(UPDATES, LIMITS, MET_AFTER)
@settings(max_examples=60)
def test_what_is_put_off_goes_at_the_first_instant_at_which_it_fits(
    drawn: list[tuple[str, int, tuple[int, int]]], limits: LimitRules, met_after: int | None
) -> None:
    """Looked at every hour, an update that waits for nothing but the cap and the hours isn't free a moment earlier,
    and is free then; with others it may go earlier, never later."""
    free_agents = replace(limits, reminders_per_agent_day=1000)
    team = Team(planned(drawn), free_agents, None if met_after is None else met_after * HOUR)
    for hours in range(24 * 30):
        now = START + hours * HOUR
        for party in TICKETS_OF:
            situation = team.situation(party, now)
            for item, until in judge(situation, now, free_agents, TEAM).put_off:
                alone = replace(situation, items=[item])
                assert not judge(alone, until - timedelta(seconds=1), free_agents, TEAM).together
                assert judge(alone, until, free_agents, TEAM).together == (item,)
        team.passes(now)


@given(UPDATES, LIMITS, st.integers(0, 24 * 25), st.randoms(use_true_random=False))
def test_the_order_of_what_is_given_is_of_no_consequence(
    drawn: list[tuple[str, int, tuple[int, int]]],
    limits: LimitRules,
    hours: int,
    chance: object,
) -> None:
    """The same updates, tickets and notes in any order give the same note and the same dates."""
    now = START + hours * HOUR
    items = [item for item in planned(drawn).values() if item.party_id == 7]
    notes = [SentNote(frozenset({"periodic"}), now - days * SPAN / 2) for days in (1, 2)]
    one = Situation(items, TICKETS[:2], notes)
    shuffled = [list(items), list(TICKETS[:2]), list(notes)]
    for part in shuffled:
        chance.shuffle(part)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    other = Situation(shuffled[0], shuffled[1], shuffled[2])  # type: ignore[arg-type]  # lists of mixed kinds
    assert judge(one, now, limits, TEAM) == judge(other, now, limits, TEAM)
