"""Jira's webhooks: which issue they name, also after a move, and that a version may concern any project."""

import pytest

from bugbridge.services.settling import DAEMON
from tests.entry.web.asking import Web

APP_12 = "jira:APP-12"


@pytest.fixture
def jira(web: Web) -> Web:
    """Hooks where APP-12 is an issue of a customer's bug."""
    source = next(source for source in web.app.store.sources() if source.name == "jira")
    web.app.store.issue_for(source.id, APP_12, actor=DAEMON, at=web.app.clock.now())
    return web


@pytest.mark.parametrize("event", ["jira:issue_updated", "jira:issue_deleted", "comment_created"])
def test_an_event_of_an_issue_names_its_key(jira: Web, event: str) -> None:
    """By its delivery's identifier."""
    assert jira.jira({"webhookEvent": event, "issue": {"key": "APP-12"}}) == 202
    assert (jira.kept(), jira.woken) == ({"jira:delivery-1": APP_12}, ["jira"])


def test_a_moved_issue_is_known_by_its_old_key(jira: Web) -> None:
    """Tickets name the key before the move."""
    items = [{"field": "status"}, None, {"field": "Key", "fromString": "APP-12", "toString": "WEB-3"}]
    jira.jira({"webhookEvent": "jira:issue_updated", "issue": {"key": "WEB-3"}, "changelog": {"items": items}})
    assert list(jira.kept().values()) == [APP_12]


def test_a_released_version_may_concern_any_project(jira: Web) -> None:
    """Its project comes as a number."""
    jira.jira({"webhookEvent": "jira:version_released", "version": {"id": "1", "projectId": 10000}})
    assert list(jira.kept().values()) == ["releases of jira:"]


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"webhookEvent": "jira:issue_updated"},
        {"webhookEvent": "user_created", "issue": {"key": "APP-12"}},
        {"webhookEvent": ["jira:issue_updated"], "issue": {"key": "APP-12"}},
        {"webhookEvent": "jira:issue_updated", "issue": {"key": "APP-13"}},
        {"webhookEvent": "jira:issue_updated", "issue": {"key": "APP-12 OR 1=1"}},
        {"webhookEvent": "jira:issue_updated", "issue": {"key": 12}, "changelog": {"items": "Key"}},
    ],
)
def test_what_names_no_issue_of_ours_is_ignored(jira: Web, payload: object) -> None:
    """Whatever its shape."""
    assert jira.jira(payload) == 202
    assert (jira.kept(), jira.woken) == ({}, [])
