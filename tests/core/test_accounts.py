"""Whose account a customer belongs to, and on which plan: by list, field and tags, in the team's order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.accounts import AccountList, AccountRules, AccountSource, Belonging, with_belonging
from bugbridge.core.model import AuthorKind
from bugbridge.core.snapshots import RemoteAccount, RemotePerson

FILE, FIELD, TAGS = AccountSource.FILE, AccountSource.FIELD, AccountSource.TAGS
PLANS = (r"plan_(?P<tier>\w+)", r"of_(?P<account>\w+)")
LISTED = AccountList(
    addresses={"carla@acme.example": Belonging("Acme North", "vip")},
    domains={"acme.example": Belonging("Acme", "enterprise")},
    organizations={"globex": Belonging("", "starter"), "77": Belonging("Seventy-Seven", "")},
)


def person(address: str = "", account: RemoteAccount | None = None) -> RemotePerson:
    """A customer."""
    return RemotePerson("301", AuthorKind.CUSTOMER, "Carla", address, account)


def of(who: RemotePerson, *tags: str, order: tuple[AccountSource, ...] = (FILE, FIELD, TAGS)) -> tuple[str, str]:
    """Give a customer's account, and the tier that counts for them."""
    seen = with_belonging(who, tags, AccountRules(order, LISTED, PLANS))
    account = seen.account
    return account.remote_id if account else "", seen.tier or (account.tier if account else "")


def test_an_address_is_more_particular_than_its_domain() -> None:
    """One department may have a plan of its own."""
    assert of(person("Carla@ACME.example")) == ("Acme North", "vip")
    assert of(person("carla@acme.example", RemoteAccount("9", "Acme Inc", "field"))) == ("Acme North", "vip")
    assert of(person("eve@acme.example")) == ("Acme", "enterprise")


def test_an_organization_is_known_by_name_or_id() -> None:
    """What a row leaves open, the helpdesk's own field says."""
    assert of(person(account=RemoteAccount("12", "GLOBEX", "old"))) == ("12", "starter")
    assert of(person(account=RemoteAccount("77", "Anything", "pro"))) == ("Seventy-Seven", "pro")


def test_tags_say_account_and_tier() -> None:
    """Of the ticket or of its organisation."""
    assert of(person(), "of_initech", "plan_pro", "urgent") == ("initech", "pro")
    assert of(person(account=RemoteAccount("5", "Hooli", tags=("plan_gold",)))) == ("5", "gold")


@pytest.mark.parametrize(
    ("order", "tier"),
    [((FILE, FIELD, TAGS), "enterprise"), ((FIELD, FILE, TAGS), "field"), ((TAGS, FIELD, FILE), "tag"), ((), "")],
)
def test_the_first_in_the_teams_order_that_says_something_counts(order: tuple[AccountSource, ...], tier: str) -> None:
    """A source that isn't named is never asked."""
    who = person("eve@acme.example", RemoteAccount("9", "Acme Inc", "field"))
    assert of(who, "plan_tag", order=order)[1] == tier


def test_a_tier_without_an_account_is_the_customers_own() -> None:
    """The plan isn't lost, and two such customers aren't taken for one company."""
    assert of(person("zoe@home.example"), "plan_pro") == ("", "pro")


@pytest.mark.parametrize("tags", [(), ("plan_gold",)])
def test_what_is_said_of_one_person_doesnt_become_their_colleagues(tags: tuple[str, ...]) -> None:
    """Whoever's ticket is read last would decide for the whole company."""
    seen = with_belonging(person("carla@acme.example"), tags, AccountRules(listed=LISTED, tags=PLANS))
    assert seen.account is not None
    assert (seen.tier, seen.account.remote_id, seen.account.tier) == ("vip", "Acme North", "enterprise")


def test_a_row_that_was_taken_out_takes_the_persons_tier_away() -> None:
    """But a ticket without a tag says nothing of what another ticket's tag said."""
    assert with_belonging(person("zoe@home.example"), (), AccountRules(listed=LISTED)).tier == ""
    assert with_belonging(person("zoe@home.example"), (), AccountRules(listed=LISTED, tags=PLANS)).tier is None


def test_who_is_nowhere_named_has_no_account() -> None:
    """Nothing is invented."""
    assert with_belonging(person("zoe@home.example"), (), AccountRules(listed=LISTED, tags=PLANS)).account is None


def test_without_rules_the_helpdesks_own_account_stands() -> None:
    """Teams that configure nothing see what their helpdesk shows."""
    own = RemoteAccount("9", "Acme", "pro", ("x",))
    assert with_belonging(person(account=own), (), AccountRules()).account == own


@given(st.text(max_size=400), st.text(max_size=400))
def test_no_tag_or_address_breaks_it(tag: str, address: str) -> None:
    """They are strangers' words."""
    account = with_belonging(person(address), (tag,), AccountRules(listed=LISTED, tags=PLANS)).account
    assert account is None or bool(account.remote_id)
