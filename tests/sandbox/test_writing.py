"""What clients write is kept as the vendors keep it."""

from typing import Any

from bugbridge.sandbox.server import Sandbox
from tests.sandbox.asking import control, github, jira
from tests.sandbox.specs import Described
from tests.sandbox.test_graphql import open_number

GLOBAL_ID = "bugbridge:support:4711"
OBJECT = {"url": "https://support.example/4711", "title": "Ticket 4711"}


def document(text: str) -> dict[str, Any]:
    """Text as Jira Cloud's version 3 has it."""
    paragraph = {"type": "paragraph", "content": [{"type": "text", "text": text}]}
    return {"type": "doc", "version": 1, "content": [paragraph]}


def test_a_github_comment_is_edited_in_place(changing: Sandbox) -> None:
    """The id stays, the words and the time of update change; the issue counts as updated."""
    path = f"/repos/acme/app/issues/{open_number(changing)}"
    written = github(changing, f"{path}/comments", "POST", json={"body": "14 customers"}).json()
    control(changing, "clock/advance", seconds=3600)
    one = f"/repos/acme/app/issues/comments/{written['id']}"
    edited = github(changing, one, "PATCH", json={"body": "15 customers"}).json()
    assert (edited["id"], edited["body"]) == (written["id"], "15 customers")
    assert edited["updated_at"] > edited["created_at"] == written["created_at"]
    assert github(changing, path).json()["updated_at"] == edited["updated_at"]
    assert [each["body"] for each in github(changing, f"{path}/comments").json()][-1:] == ["15 customers"]
    assert github(changing, "/repos/acme/app/issues/comments/1", "PATCH", json={"body": "x"}).status_code == 404
    assert Described("github_issues_subset.json").complaints("issue-comment", edited) == []


def test_github_s_labels_are_added_and_taken_off(changing: Sandbox) -> None:
    """Adding twice adds once; taking off what isn't there is 404."""
    path = f"/repos/acme/app/issues/{open_number(changing)}/labels"
    added = [github(changing, path, "POST", json={"labels": ["many customers"]}).json() for _ in range(2)]
    assert [label["name"] for label in added[1]].count("many customers") == 1
    removed = [github(changing, f"{path}/many%20customers", "DELETE").status_code for _ in range(2)]
    assert removed == [200, 404]


def test_a_remote_link_is_replaced_by_its_global_id(changing: Sandbox) -> None:
    """201 and then 200 with the same id; what is left out the second time is gone."""
    path = "/3/issue/SHOP-1/remotelink"
    full = {"globalId": GLOBAL_ID, "relationship": "reported by", "application": {"name": "BugBridge"}}
    first = jira(changing, path, "POST", json={**full, "object": {**OBJECT, "summary": "Long"}})
    second = jira(changing, path, "POST", json={"globalId": GLOBAL_ID, "object": OBJECT})
    found = jira(changing, path, params={"globalId": GLOBAL_ID}).json()
    assert (first.status_code, second.status_code, first.json()["id"]) == (201, 200, second.json()["id"])
    assert (found["object"], "relationship" in found, "application" in found) == (OBJECT, False, False)
    assert [each["id"] for each in jira(changing, path).json()] == [found["id"]]
    assert Described("jira_cloud_v3.json").complaints("RemoteIssueLink", found) == []


def test_a_remote_link_needs_an_address_and_a_short_id(changing: Sandbox) -> None:
    """400 without title or url, or with a globalId of more than 255 characters; deleting works by it."""
    path = "/3/issue/SHOP-1/remotelink"
    wrong = [{"globalId": "x" * 256, "object": OBJECT}, {"object": {"title": "no address"}}, {}]
    assert [jira(changing, path, "POST", json=each).status_code for each in wrong] == [400, 400, 400]
    jira(changing, path, "POST", json={"globalId": GLOBAL_ID, "object": OBJECT})
    removed = [jira(changing, path, "DELETE", params={"globalId": GLOBAL_ID}).status_code for _ in range(2)]
    assert removed == [204, 404]


def test_a_jira_comment_is_edited_in_place(changing: Sandbox) -> None:
    """Version 3 takes documents alone, version 2 text alone."""
    path = "issue/SHOP-1/comment"
    written = jira(changing, f"/3/{path}", "POST", json={"body": document("14 customers")})
    control(changing, "clock/advance", seconds=60)
    edited = jira(changing, f"/3/{path}/{written.json()['id']}", "PUT", json={"body": document("15 customers")}).json()
    refused = [jira(changing, f"/{api}/{path}", "POST", json={"body": body}).status_code
               for api, body in (("3", "text"), ("2", document("x")))]  # fmt: skip
    assert (written.status_code, refused) == (201, [400, 400])
    assert edited["body"] == document("15 customers")
    assert edited["updated"] > edited["created"]
    assert jira(changing, f"/3/{path}").json()["total"] == 1
    assert Described("jira_cloud_v3.json").complaints("Comment", edited) == []


def test_jira_s_labels_are_added_and_removed(changing: Sandbox) -> None:
    """By steps or as a whole; each change is in the changelog."""
    steps = {"update": {"labels": [{"add": "many-customers"}, {"remove": "customer"}]}}
    answer = jira(changing, "/3/issue/SHOP-1", "PUT", json=steps)
    labels = jira(changing, "/3/issue/SHOP-1").json()["fields"]["labels"]
    jira(changing, "/3/issue/SHOP-1", "PUT", json={"fields": {"labels": ["only"]}})
    assert (answer.status_code, "many-customers" in labels, "customer" in labels) == (204, True, False)
    assert jira(changing, "/3/issue/SHOP-1").json()["fields"]["labels"] == ["only"]
    assert [change.field for change in changing.world.jira_issue("SHOP-1").changes[-2:]] == ["labels", "labels"]
    assert jira(changing, "/3/issue/SHOP-1", "PUT", json={"fields": {"labels": ["a b"]}}).status_code == 400


def test_comments_of_engineers_can_be_made_edited_and_deleted(changing: Sandbox) -> None:
    """By the control endpoints, in both trackers; each change moves the issue's time of update."""
    number = open_number(changing)
    reference, path = f"acme/app#{number}", f"/repos/acme/app/issues/{number}"
    updated = [github(changing, path).json()["updated_at"]]
    made = control(changing, "github/comment", reference=reference, body="Workaround: export")
    for name, further in (("edit-comment", {"body": "Workaround: import"}), ("delete-comment", {})):
        control(changing, "clock/advance", seconds=60)
        control(changing, f"github/{name}", repository="acme/app", comment=made["id"], **further)
        updated.append(github(changing, path).json()["updated_at"])
    assert updated == sorted(set(updated))
    assert made["id"] not in [each["id"] for each in github(changing, f"{path}/comments").json()]
    made = control(changing, "jira/comment", key="SHOP-2", body="Workaround: export")
    control(changing, "jira/edit-comment", key="SHOP-2", comment=made["id"], body="Workaround: import")
    assert jira(changing, "/3/issue/SHOP-2/comment").json()["comments"][0]["body"] == document("Workaround: import")
    control(changing, "jira/delete-comment", key="SHOP-2", comment=made["id"])
    assert jira(changing, "/3/issue/SHOP-2/comment").json()["total"] == 0


def test_jira_shows_a_comment_as_each_version_has_it(changing: Sandbox) -> None:
    """A document in version 3 and text in version 2, whichever was written; as Jira describes them."""
    control(changing, "jira/comment", key="SHOP-2", body="Workaround: export\nas CSV")
    jira(changing, "/3/issue/SHOP-2/comment", "POST", json={"body": document("14 customers")})
    shown = {api: jira(changing, f"/{api}/issue/SHOP-2?fields=comment").json()["fields"]["comment"] for api in "23"}
    assert [one["body"] for one in shown["2"]["comments"]] == ["Workaround: export\nas CSV", "14 customers"]
    first, second = shown["3"]["comments"]
    assert [line["content"][0]["text"] for line in first["body"]["content"]] == ["Workaround: export", "as CSV"]
    assert second["body"] == document("14 customers")
    assert Described("jira_cloud_v3.json").complaints("PageOfComments", shown["3"]) == []
