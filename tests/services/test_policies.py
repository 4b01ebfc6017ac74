"""Policies are kept with their author and start; the narrowest in force decides; none is ever lost."""

import json
from collections import Counter
from dataclasses import replace
from datetime import datetime

import pytest

from bugbridge.core.calendar import ALWAYS_OPEN
from bugbridge.core.errors import ConfigError, UsageError
from bugbridge.core.events import Ruleset
from bugbridge.core.model import Actor, AuthorKind, Entity, FactKind
from bugbridge.core.policy_scope import Policies
from bugbridge.services.backlog import Start, backlog
from bugbridge.services.planning import PlanningResult, effect, plan
from bugbridge.services.policies import (
    FILE,
    Change,
    Kept,
    PolicyFile,
    file_notice,
    find_version,
    history,
    keep_proposal,
    kept_policies,
    notice_starts,
    policies_in_force,
    propose,
    propose_withdrawal,
    tag_words,
    take_file,
    with_file,
)
from bugbridge.settings import shipped_folder
from tests.services.scene import ANN, CARLA, EVE, HELPDESK, Scene, customer, day

SHIPPED = (shipped_folder() / "policy.toml").read_text(encoding="utf-8")
CALMER = SHIPPED.replace('"infrequent"              = "news"', '"infrequent"              = "nothing"')
GOLD = CALMER.replace('name = "default"', 'name = "gold"\n[applies_to]\ntag = ["gold"]')


class Team(Scene):
    """A scene whose policies are those that the store holds."""

    text = SHIPPED

    @property
    def file(self) -> PolicyFile:
        """The configured file as it stands."""
        return PolicyFile(self.text, "policy.toml")

    def takes(self, text: str = SHIPPED) -> bool:
        """The configured file says this, and is taken by itself."""
        self.text = text
        return take_file(self.store, self.clock, self.file)

    def applies(self, text: str, start: datetime | None = None) -> None:
        """A person puts a text in force."""
        keep_proposal(self.store, self.clock, propose(self.store, self.clock, self.file, text, ANN, start))

    def withdraws(self, name: str, start: datetime | None = None) -> None:
        """A person ends a policy."""
        keep_proposal(self.store, self.clock, propose_withdrawal(self.store, self.clock, self.file, name, ANN, start))

    @property
    def policies(self) -> Policies:
        """Those in force."""
        return policies_in_force(self.store, self.clock.now())

    def plan(self, ruleset_hash: str = "") -> PlanningResult:  # noqa: ARG002 - the scene's signature
        """Decide under the policies in force, as the daemon does."""
        notice_starts(self.store, self.clock)
        return plan(self.store, self.policies, self.clock, ALWAYS_OPEN)

    def tags(self, ticket: str, *tags: str) -> None:
        """Somebody changes a ticket's tags."""
        self.helpdesk._show(replace(self.helpdesk.ticket(ticket), tags=tags, updated_at=self.clock.at))

    def in_force(self) -> list[str]:
        """The policies' names."""
        return [version.policy.name for version in self.policies.versions]

    def decided_by(self, ticket: str) -> str:
        """The name of the policy that a link's last decision names."""
        last = self.decisions(ticket)[-1].ruleset_hash
        return next(version.policy.name for version in self.policies.versions if version.hash == last)


@pytest.fixture
def team() -> Team:
    """Give a live team under the shipped policy."""
    scene = Team().on(1)
    scene.takes()
    return scene


def test_the_configured_file_is_taken_once() -> None:
    """By itself, whenever it changes, with the file as its author."""
    team = Team().on(1)
    assert [team.takes(), team.takes(), team.on(2).takes(CALMER)] == [True, False, True]
    assert [(one.body, one.in_force_from, one.author) for one in kept_policies(team.store)] == [
        (SHIPPED, day(1), FILE),
        (CALMER, day(2), FILE),
    ]
    assert team.policies.everybody.policy.grid.infrequent.hears == "nothing"


def test_the_text_before_counts_as_a_change_too(team: Team) -> None:
    """Whoever changes the file back means it."""
    assert (team.on(2).takes(CALMER), team.on(3).takes(SHIPPED)) == (True, True)
    assert team.policies.everybody.policy.grid.infrequent.hears == "news"


def test_a_new_name_in_the_file_ends_the_old_policy(team: Team) -> None:
    """There is one file, so there is one policy of it."""
    team.on(2).takes(SHIPPED.replace('name = "default"', 'name = "zeal"'))
    assert team.in_force() == ["zeal"]


def test_a_text_that_a_person_applied_stays_whatever_the_file_says(team: Team) -> None:
    """Otherwise the next pass would take back what was decided."""
    team.on(2).applies(CALMER)
    assert (team.takes(SHIPPED), team.policies.everybody.policy.grid.infrequent.hears) == (False, "nothing")
    notice = file_notice(kept_policies(team.store), team.file)
    assert "`bugbridge policy apply policy.toml` puts the file in force" in notice


def test_nothing_is_noticed_of_a_file_that_is_in_force(team: Team) -> None:
    """Neither where it was taken by itself nor where a person applied the same text."""
    taken = file_notice(kept_policies(team.store), team.file)
    team.on(2).applies(CALMER)
    assert (taken, file_notice(kept_policies(team.store), PolicyFile(CALMER, "policy.toml"))) == ("", "")


def test_a_version_names_who_applied_it_and_from_when(team: Team) -> None:
    """A team wants to know who decided that."""
    team.on(2).applies(GOLD, day(9))
    last = kept_policies(team.store)[-1]
    assert (last.author, last.in_force_from, last.name) == (Actor(AuthorKind.AGENT, "ann", "apply"), day(9), "gold")


def test_a_date_ahead_takes_effect_when_it_comes(team: Team) -> None:
    """Links are decided again then, by themselves and once; no decision claims to hold for longer."""
    ticket = team.reported()
    team.plan()
    team.on(2).applies(CALMER, day(5))
    team.plan()
    (link,) = team.store.links_of(team.row(ticket).id)
    assert (len(team.decisions(ticket)), link.valid_until) == (1, day(5))
    decided = [team.on(number).plan().decided for number in (4.9, 5, 5.1)]
    assert (decided, team.decisions(ticket)[-1].ruleset_hash) == ([0, 1, 0], team.policies.everybody.hash)
    assert len(team.decisions(ticket)) == 2


def test_a_start_is_noticed_also_by_links_that_have_no_end(team: Team) -> None:
    """A link that was decided while the daemon knew of no date ahead may not outlive it."""
    ticket = team.reported()
    team.plan()
    team.on(2).applies(CALMER, day(5))
    team.plan()
    team.store.mark_decided(team.key(ticket), team.store.head(), None)
    assert [team.on(number).plan().decided for number in (4.9, 5, 5.1)] == [0, 1, 0]


def test_a_start_in_the_past_is_refused(team: Team) -> None:
    """What was decided under another policy stays as it was."""
    with pytest.raises(UsageError, match="comes into force now or later"):
        team.on(3).applies(CALMER, day(2))


def test_a_policy_starts_when_it_is_kept_and_not_when_it_was_proposed(team: Team) -> None:
    """Whoever thinks about it for a day doesn't change that day."""
    proposal = propose(team.store, team.clock, team.file, CALMER, ANN)
    kept = keep_proposal(team.store, team.on(2).clock, proposal)
    assert (kept.in_force_from, kept_policies(team.store)[-1].in_force_from) == (day(2), day(2))


def test_two_changes_at_once_leave_a_policy_for_everybody(team: Team) -> None:
    """Each alone would; the second one is refused when it is kept."""
    other = SHIPPED.replace('name = "default"', 'name = "other"')
    team.on(2).applies(other)
    ends = [propose_withdrawal(team.store, team.clock, team.file, name, ANN) for name in ("other", "default")]
    keep_proposal(team.store, team.clock, ends[0])
    with pytest.raises(ConfigError, match="No policy would be for everybody"):
        keep_proposal(team.store, team.clock, ends[1])
    assert team.in_force() == ["default"]


def test_a_wrong_text_is_refused_with_all_its_problems(team: Team) -> None:
    """Nothing is kept of it."""
    with pytest.raises(ConfigError) as caught:
        team.applies('version = 2\nname = "x"\n')
    assert (len(caught.value.problems), len(kept_policies(team.store))) == (2 + 4, 1)


def test_going_back_is_applying_an_earlier_version(team: Team) -> None:
    """It is found by its hash or the beginning of it, and is a new entry of the history."""
    team.on(2).applies(CALMER)
    earlier = find_version(kept_policies(team.store), kept_policies(team.store)[0].hash[:6], "the list")
    team.on(3).applies(earlier.body)
    assert [one.hash == earlier.hash for one in kept_policies(team.store)] == [True, False, True]
    assert team.policies.everybody.hash == earlier.hash


@pytest.mark.parametrize("typed", ["", "none"])
def test_a_hash_that_names_no_version_is_refused(team: Team, typed: str) -> None:
    """Going back must not hit another version."""
    with pytest.raises(UsageError, match="no version that is kept; the list lists them"):
        find_version(kept_policies(team.store), typed, "the list")


def test_a_beginning_that_several_versions_share_is_refused() -> None:
    """Which one is meant, only a person can say."""
    kept = [Kept(f"{SHIPPED}# {number}", day(1), FILE) for number in range(17)]  # two of 17 begin with the same digit
    (shared, _), *_ = Counter(one.hash[0] for one in kept).most_common()
    with pytest.raises(UsageError, match="begins several versions"):
        find_version(kept, shared, "the list")


def test_one_policy_stays_for_everybody(team: Team) -> None:
    """No link may be left without a policy: neither now nor when a date ahead comes."""
    narrowed = GOLD.replace('name = "gold"', 'name = "default"')
    for change in (
        lambda: team.withdraws("default"),
        lambda: team.withdraws("default", day(9)),
        lambda: team.applies(narrowed),
        lambda: team.applies(narrowed, day(9)),
        lambda: team.takes(narrowed),
    ):
        with pytest.raises(ConfigError, match="No policy would be for everybody"):
            change()
    assert len(kept_policies(team.store)) == 1


def test_what_is_to_end_later_holds_nothing_up(team: Team) -> None:
    """Another policy for everybody stands in today, but it ends next week."""
    team.on(2).applies(SHIPPED.replace('name = "default"', 'name = "other"'))
    team.withdraws("other", day(9))
    with pytest.raises(ConfigError, match="No policy would be for everybody"):
        propose_withdrawal(team.store, team.clock, team.file, "default", ANN)


def test_a_policy_can_be_ended_and_begun_again(team: Team) -> None:
    """Its history goes on."""
    team.on(2).applies(GOLD)
    before = team.in_force()
    team.on(3).withdraws("gold")
    ended = team.in_force()
    team.on(4).applies(GOLD)
    assert (before, ended, team.in_force()) == (["gold", "default"], ["default"], ["gold", "default"])
    assert [(one.kept.withdrawn, one.in_force) for one in history(kept_policies(team.store), day(4), "gold")] == [
        (False, True),
        (True, False),
        (False, False),
    ]


@pytest.mark.parametrize("name", ['ünï“"\\\x7f😀', "two\nlines"])
def test_any_name_can_be_withdrawn(team: Team, name: str) -> None:
    """A name is the team's own text."""
    quoted = json.dumps(name, ensure_ascii=False).replace("\x7f", "\\u007f")
    team.on(2).applies(GOLD.replace('"gold"\n', f"{quoted}\n", 1))
    team.on(3).withdraws(name)
    assert (team.in_force(), kept_policies(team.store)[-1].name) == (["default"], name)


def test_what_is_not_in_force_cannot_be_withdrawn(team: Team) -> None:
    """The sentence names what there is."""
    with pytest.raises(UsageError, match="no policy named 'gold' to withdraw; there is: default"):
        team.withdraws("gold")


def test_the_narrowest_policy_decides_a_link(team: Team) -> None:
    """And its hash stands in the decision."""
    team.on(2).applies(GOLD)
    gold, plain = team.writes_in(CARLA), team.reported(EVE)
    team.tags(gold, "gold", "divorce")
    team.notes(gold, "This is github:acme/app#12")
    team.read()
    team.plan()
    assert [team.decided_by(ticket) for ticket in (gold, plain)] == ["gold", "default"]


def test_a_link_changes_its_policy_with_its_tags(team: Team) -> None:
    """It is decided again as soon as the ticket was read."""
    team.on(2).applies(GOLD)
    ticket = team.reported()
    team.plan()
    team.on(3).tags(ticket, "gold")
    team.read()
    decided = team.plan().decided
    assert (decided, team.decided_by(ticket)) == (1, "gold")


def test_of_a_tickets_tags_no_others_are_kept_than_policies_name(team: Team) -> None:
    """Those of a policy to come are, so that it finds its tickets when it begins; any other may be personal."""
    team.on(2).applies(GOLD, day(9))
    ticket = team.writes_in()
    team.tags(ticket, "divorce", "gold")
    team.read()
    facts = team.store.facts(Entity.TICKET, team.row(ticket).id)
    assert (tag_words(team.store, day(2)), facts[FactKind.TAGS].value) == ({"gold"}, '["gold"]')


def test_a_withdrawn_policys_tags_are_no_longer_kept(team: Team) -> None:
    """What no policy names is no business of ours any more."""
    team.on(2).applies(GOLD)
    team.on(3).withdraws("gold")
    assert tag_words(team.store, day(3)) == frozenset()


def test_what_a_policy_would_change_is_counted_and_nothing_kept(team: Team) -> None:
    """By the rule that decides now and the one that would; links that stay as they are don't count."""
    team.reported(CARLA)
    team.reported(EVE)
    team.plan()
    head, proposal = team.store.head(), propose(team.store, team.clock, team.file, CALMER, ANN)
    found = effect(team.store, proposal.before, proposal.after, proposal.change.hash, team.clock, ALWAYS_OPEN)
    assert (found.links, dict(found.differ)) == (2, {("grid-5", "grid-5"): 1})
    assert (team.store.head(), team.plan().decided) == (head, 0)


def test_a_policy_to_come_is_compared_with_those_of_its_day(team: Team) -> None:
    """What another one that comes before it changes isn't its doing."""
    team.on(2).applies(CALMER, day(5))
    proposal = propose(team.store, team.clock, team.file, CALMER + "# the same\n", ANN, day(9))
    assert proposal.before.everybody.policy == proposal.after.everybody.policy
    assert proposal.before.everybody.hash != proposal.after.everybody.hash


def test_the_file_that_was_not_taken_yet_counts_beside_what_is_applied() -> None:
    """On the first day a team may begin with a policy for some: the configured one is for all others."""
    team = Team().on(1)
    team.applies(GOLD)
    assert (team.in_force(), kept_policies(team.store)[0].author) == (["gold", "default"], FILE)


def test_the_files_own_change_waits_for_the_day_on_which_a_person_has_it_begin(team: Team) -> None:
    """Whoever edits the file and applies it from a day on doesn't want it taken before."""
    team.text = CALMER
    team.on(2).applies(CALMER, day(9))
    assert (team.takes(CALMER), team.policies.everybody.policy.grid.infrequent.hears) == (False, "news")
    assert team.on(9).policies.everybody.policy.grid.infrequent.hears == "nothing"


def test_applying_what_stands_already_is_seen(team: Team) -> None:
    """So that the history holds no entry that changes nothing."""
    stands = [propose(team.store, team.clock, team.file, text, ANN).stands for text in (SHIPPED, CALMER, GOLD)]
    assert stands == [True, False, False]


def test_the_history_says_how_big_each_change_was(team: Team) -> None:
    """Rules by id, tables by name; the first version changed nothing."""
    rule = '\n[[rule]]\nid = "old"\nwhen = { age_days = { min = 365 } }\ntell = "terminal"\n'
    team.on(2).applies(CALMER + rule)
    team.on(3).applies(SHIPPED.replace("within_business_days = 1", "within_business_days = 2"))
    newest, middle, first = (one.change for one in history(kept_policies(team.store), day(3)))
    assert (first, middle) == (None, Change(added=("old",), tables=("grid",)))
    assert newest == Change(removed=("old",), changed=("spiking",), tables=("grid",))


def test_a_name_that_never_was_has_no_history(team: Team) -> None:
    """The sentence names those that have one."""
    with pytest.raises(UsageError, match="never was a policy named 'gold'; there is: default"):
        history(kept_policies(team.store), day(1), "gold")


def test_a_text_that_is_understood_no_more_is_named_by_its_version(team: Team) -> None:
    """After an update a kept text may be wrong; its history can still be read, and another text can be applied."""
    body = SHIPPED.replace("merge_days", "forgotten_key")
    old = Ruleset(hash="h", kind="policy", body=body, in_force_from=day(2), occurred_at=day(2), source_key="old")
    team.on(2).store.append([old], actor=FILE, recorded_at=day(2))
    with pytest.raises(ConfigError, match=r"policy 'default', version [0-9a-f]{16}:\d+: .*forgotten_key"):
        _ = team.policies
    assert [one.change for one in history(kept_policies(team.store), day(2))] == [None, None]
    team.on(3).takes(CALMER)
    assert team.policies.everybody.policy.grid.infrequent.hears == "nothing"


def test_before_anything_was_taken_the_file_alone_is_known() -> None:
    """Commands that decide nothing need no plan before them."""
    team = Team().on(1)
    assert with_file((), team.file, day(1)).everybody.policy.name == "default"
    with pytest.raises(ConfigError, match="No policy would be for everybody"):
        _ = team.policies


def test_what_going_live_would_call_for_is_each_policys_own() -> None:
    """Of two customers of a released bug the one under a calmer policy hears nothing."""
    team = Team(live=False).on(1)
    team.takes()
    team.applies(GOLD)
    tickets = [team.reported(CARLA), team.reported(customer("gil"))]
    team.tags(tickets[1], "gold")
    team.on(2).is_released()
    team.read()
    start = Start(HELPDESK, day(0))
    several = backlog(team.store, team.policies, team.clock, ALWAYS_OPEN, start)
    everybody = Policies.single(team.policies.everybody.policy)
    one = backlog(team.store, everybody, team.clock, ALWAYS_OPEN, start)
    assert (several.due, one.due) == (1, 2)
