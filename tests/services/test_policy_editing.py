"""Policies edited by several people: a version takes the place of the one that it was made from, and of no other."""

from datetime import datetime

import pytest

from bugbridge.core.calendar import ALWAYS_OPEN
from bugbridge.core.errors import RefusedError
from bugbridge.core.policy_file import text_hash
from bugbridge.entry.random_draws import draws
from bugbridge.services import policy_editing
from bugbridge.services.policies import kept_policies
from bugbridge.services.policy_editing import Edit, Trial, for_everybody, put_in_force, try_edit, versions_in_force
from tests.services.scene import ANN, CARLA, EVE, day
from tests.services.test_policies import CALMER, GOLD, SHIPPED, Team

FIRST = text_hash(SHIPPED)


@pytest.fixture
def team() -> Team:
    """The configured file is in force."""
    team = Team()
    team.takes()
    return team


def puts(team: Team, text: str, made_from: str = FIRST, policy: str = "default", start: datetime | None = None) -> bool:
    """Ann puts an edit in force; says whether anything was kept."""
    edit = Edit(policy, made_from, text, start)
    return put_in_force(team.store, team.clock, team.file, edit, ANN)[1] is not None


def tries(team: Team, text: str, policy: str = "default") -> Trial:
    """Ann tries an edit on the past."""
    edit = Edit(policy, "", text)
    return try_edit(team.store, team.clock, ALWAYS_OPEN, team.file, edit, ANN, draws, 10)


def in_force(team: Team) -> list[str]:
    """The texts in force."""
    return [one.body for one in versions_in_force(team.store, team.file, team.clock.now()).values()]


def test_an_edit_takes_the_place_of_what_it_was_made_from(team: Team) -> None:
    """And of nothing else: whoever was behind is told which version is in force."""
    assert puts(team, CALMER)
    with pytest.raises(RefusedError, match=f"in force by now, {text_hash(CALMER)}: compare it with yours"):
        puts(team, SHIPPED + "# another\n")
    assert in_force(team) == [CALMER]


def test_the_same_edit_twice_is_kept_once(team: Team) -> None:
    """Now, and from a day ahead on."""
    assert [puts(team, CALMER), puts(team, CALMER)] == [True, False]
    start, base = day(300), text_hash(CALMER)
    assert [puts(team, SHIPPED, base, start=start), puts(team, SHIPPED, base, start=start)] == [True, False]
    assert len(kept_policies(team.store)) == 3


def test_a_text_of_another_name_stands_beside(team: Team) -> None:
    """The one that it was made from goes on, and is the one for everybody."""
    assert puts(team, GOLD)
    found = versions_in_force(team.store, team.file, team.clock.now())
    assert (list(found), for_everybody(found).body) == (["gold", "default"], SHIPPED)


def test_a_policy_that_was_withdrawn_comes_back_by_an_edit_of_nothing(team: Team) -> None:
    """There is no version in force that it could have been made from."""
    team.applies(GOLD)
    team.withdraws("gold")
    with pytest.raises(RefusedError, match="in force by now, none"):
        puts(team, GOLD, text_hash(CALMER), "gold")
    assert puts(team, GOLD, "", "gold")


def test_trying_keeps_nothing_and_compares_with_the_version_in_force(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A narrow policy is replayed as if it were for everybody, beside its own version in force."""
    for requester in (CARLA, EVE):
        team.reported(requester)
    found = tries(team, CALMER)
    assert [one.name for one in found.replay.policies] == ["in force", "edited"]
    assert (found.proposal.stands, found.effect is not None and found.effect.links) == (False, 2)
    assert tries(team, GOLD, "gold").replay.policies[0].metrics == found.replay.policies[0].metrics
    monkeypatch.setattr(policy_editing, "MOST_LINKS", 1)
    assert tries(team, CALMER).effect is None
    assert in_force(team) == [SHIPPED]
