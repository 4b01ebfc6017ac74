"""For whom a policy is, which of several decides, and which of a ticket's tags are kept so that one can tell."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.errors import ConfigError
from bugbridge.core.events import FactEvent
from bugbridge.core.model import AuthorKind, Entity, FactKind, TicketStatus
from bugbridge.core.policy_file import parse_policy, parse_version, policy_notes
from bugbridge.core.policy_model import Policy
from bugbridge.core.policy_scope import EVERYBODY, AppliesTo, Policies, PolicyVersion, choose, ordered, overlap_notes
from bugbridge.core.policy_words import applies_to_sentence
from bugbridge.core.snapshots import RemotePerson, RemoteTicket
from bugbridge.core.tickets import Known, TicketParties, ticket_facts
from tests.core.builders import day, fact, link_history

GRID = """version = 1
name = "gold"
[grid]
"frequent" = "news"
"frequent, workaround" = "news"
"infrequent" = "news"
"infrequent, workaround" = "news"
"enterprise" = "news"
"""
PERSON = RemotePerson("9", AuthorKind.CUSTOMER)
SEEN = RemoteTicket("4711", day(0), day(5), TicketStatus.OPEN, PERSON, tags=("gold", "divorce"))
PARTIES = TicketParties(requester_id=40, account_id=None, assignee_id=None)
KINDS = ("tag", "brand", "helpdesk")


def applies_to(kinds: str = "", word: str = "x") -> AppliesTo:
    """A policy for tickets with this word as their tag, brand or helpdesk."""
    return AppliesTo(**{kind: frozenset({word}) for kind in kinds.split()})


def version(name: str, scope: AppliesTo = EVERYBODY) -> PolicyVersion:
    """A version named by itself."""
    return PolicyVersion(f"hash of {name}", Policy(name=name), scope)


def kept_tags(seen: RemoteTicket, known: Known, *words: str) -> list[str]:
    """The values of the facts about tags that keeping a ticket writes."""
    facts = ticket_facts(1, seen, PARTIES, known, words)
    return [one.value for one in facts if one.kind is FactKind.TAGS]


def tagged(value: str) -> dict[FactKind, FactEvent]:
    """A ticket that is known, with these tags."""
    status = fact(0, Entity.TICKET, FactKind.STATUS, "open")
    tags = fact(0, Entity.TICKET, FactKind.TAGS, value)
    return {FactKind.STATUS: status, FactKind.TAGS: tags}


# Most kinds first; of as many kinds, a tag before a brand before a helpdesk.
ORDER = ["tag brand helpdesk", "tag brand", "tag helpdesk", "brand helpdesk", "tag", "brand", "helpdesk", ""]


@pytest.mark.parametrize("place", range(len(ORDER)))
def test_the_policy_that_names_most_decides(place: int) -> None:
    """Whoever writes a policy for few tickets means it for them, whatever wider ones say."""
    versions = [version(kinds or "all", applies_to(kinds)) for kinds in reversed(ORDER[place:])]
    assert choose(versions, "x", "x", {"x"}).policy.name == (ORDER[place] or "all")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_that_is_named_has_to_fit(kind: str) -> None:
    """Two of three aren't enough: then it is another policy's ticket."""
    narrow = version("narrow", applies_to("tag brand helpdesk"))
    ticket = {"tag": {"x"}, "brand": "x", "helpdesk": "x", kind: {"y"} if kind == "tag" else "y"}
    chosen = choose([narrow, version("all")], str(ticket["helpdesk"]), str(ticket["brand"]), set(ticket["tag"]))
    assert chosen.policy.name == "all"


def test_of_a_list_any_word_fits() -> None:
    """A policy for two brands is for tickets of either."""
    both = version("both", AppliesTo(brand=frozenset({"a", "b"})))
    assert [choose([both, version("all")], "h", brand, ()).policy.name for brand in "abc"] == ["both", "both", "all"]


def test_of_equal_ones_the_name_decides() -> None:
    """So that it is the same one every time, and a team can choose."""
    versions = [version("b", applies_to("tag")), version("a", applies_to("tag"))]
    assert choose(versions, "x", "x", {"x"}).policy.name == "a"


scopes = st.builds(
    AppliesTo, **{kind: st.frozensets(st.sampled_from("xyz"), max_size=2) for kind in ("helpdesk", "brand", "tag")}
)


@given(st.lists(scopes, max_size=6), st.sampled_from("xyz"), st.sampled_from("xyz"), st.sets(st.sampled_from("xyz")))
def test_the_choice_is_independent_of_the_order_and_always_fits(
    listed: list[AppliesTo], helpdesk: str, brand: str, tags: set[str]
) -> None:
    """What decides a link depends on what is in force, and on nothing else."""
    versions = [version("all"), *(version(f"p{number}", scope) for number, scope in enumerate(listed))]
    chosen = choose(versions, helpdesk, brand, tags)
    assert chosen == choose(versions[::-1], helpdesk, brand, tags)
    assert chosen.applies_to.fits(helpdesk, brand, tags)
    fitting = [one for one in versions if one.applies_to.fits(helpdesk, brand, tags)]
    assert chosen.applies_to.rank == min(one.applies_to.rank for one in fitting)


def test_a_link_is_decided_by_what_is_known_of_its_ticket() -> None:
    """Its helpdesk and brand, and those of its tags that are kept, as of the history's moment."""
    gold = version("gold", AppliesTo(tag=frozenset({"gold"})))
    policies = Policies(ordered([version("all"), gold]))
    plain, with_tag = link_history(), link_history(fact(1, Entity.TICKET, FactKind.TAGS, '["gold"]'))
    assert [policies.of(one).policy.name for one in (plain, with_tag)] == ["all", "gold"]
    assert policies.everybody.policy.name == "all"


@pytest.mark.parametrize(
    ("own", "other", "noted"),
    [
        (applies_to("tag"), applies_to("tag", "y"), True),  # a ticket can bear both tags
        (applies_to("brand"), applies_to("brand"), True),
        (applies_to("brand"), applies_to("brand", "y"), False),  # a ticket has one brand
        (applies_to("brand"), applies_to("helpdesk"), False),  # their ranks differ, so the order is clear
        (applies_to("tag brand"), applies_to("tag brand", "y"), False),
        (EVERYBODY, EVERYBODY, True),
    ],
)
def test_an_overlap_of_equal_rank_is_noted(own: AppliesTo, other: AppliesTo, noted: bool) -> None:  # noqa: FBT001
    """A team is to know that nothing but a name decides there."""
    notes = list(overlap_notes(version("b", own), [version("a", other), version("b", own)]))
    assert [("'a' decides there" in note) for note in notes] == [True] * noted


def test_the_file_says_for_whom_it_is() -> None:
    """And a file that says nothing of it is for everybody."""
    scoped = parse_version(GRID + '[applies_to]\ntag = ["gold", "silver"]\nbrand = ["acme"]\n')
    assert scoped.applies_to == AppliesTo(tag=frozenset({"gold", "silver"}), brand=frozenset({"acme"}))
    assert parse_version(GRID).applies_to.everybody
    assert scoped.hash != parse_version(GRID).hash
    assert scoped.policy == parse_policy(GRID)


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ("[applies_to]\n", "p.toml:9: [applies_to] names no tickets: "),
        ('[applies_to]\ntags = ["gold"]\n', 'p.toml:10: [applies_to] has the unknown key "tags"; did you mean "tag"?'),
        ('[applies_to]\nbrand = "acme"\n', "p.toml:10: [applies_to] brand must be a list, any of which fits: "),
        ("[applies_to]\nhelpdesk = []\n", "p.toml:10: [applies_to] helpdesk is an empty list"),
        (
            '[apply_to]\ntag = ["gold"]\n',
            'p.toml:9: The policy has the unknown key "apply_to"; did you mean "',
        ),
    ],
)
def test_what_is_wrong_with_it_is_said_with_its_line(table: str, problem: str) -> None:
    """As of every other table."""
    with pytest.raises(ConfigError) as caught:
        parse_version(GRID + table, "p.toml")
    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].startswith(problem)


def test_what_a_policy_for_some_says_in_vain_is_noted() -> None:
    """How often a bug is met and how much an agent is reminded concern everybody's tickets at once."""
    limits = "[limits]\nper_contact_days = 3\n"
    scoped = f'{GRID}{limits}[applies_to]\ntag = ["gold"]\n'
    (note,) = policy_notes(scoped, parse_policy(scoped), "p.toml")
    assert note.startswith("p.toml:9: note: [limits] isn't used in a policy with [applies_to]")
    assert policy_notes(GRID + limits, parse_policy(GRID + limits)) == []


def test_whom_it_is_for_can_be_read_aloud() -> None:
    """Kind by kind."""
    scope = AppliesTo(helpdesk=frozenset({"eu", "us"}), tag=frozenset({"gold"}))
    assert applies_to_sentence(scope) == 'It is for tickets of the helpdesk "eu" or "us", and tagged "gold".'
    assert applies_to_sentence(EVERYBODY) == "It is for every ticket that no narrower policy is for."


def test_of_a_tickets_tags_only_those_that_policies_name_are_kept() -> None:
    """Tags are free text and may be personal; what no policy names is no business of ours."""
    assert kept_tags(SEEN, {}, "gold", "silver") == ['["gold"]']
    assert kept_tags(SEEN, {}) == []


def test_tags_that_stay_are_not_written_again() -> None:
    """Nor are they when another one comes that nobody names."""
    assert kept_tags(replace(SEEN, tags=("moved", "gold")), tagged('["gold"]'), "gold") == []


def test_a_tag_that_is_gone_is_gone() -> None:
    """The ticket is another policy's from then on."""
    assert kept_tags(replace(SEEN, tags=()), tagged('["gold"]'), "gold") == [""]


def test_naming_a_tag_no_more_and_then_again_loses_nothing() -> None:
    """A policy may be withdrawn by mistake, and the tickets that bore its tag still do."""
    withdrawn = kept_tags(SEEN, tagged('["gold"]'))
    assert (withdrawn, kept_tags(SEEN, tagged('["gold"]'), "gold")) == ([], [])
