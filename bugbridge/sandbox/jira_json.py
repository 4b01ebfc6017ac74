"""The world's issues as Jira Cloud's REST API writes them, version 2 and 3."""

from collections.abc import Iterator
from datetime import UTC, datetime

from bugbridge.sandbox.github_json import number_of
from bugbridge.sandbox.seed_issues import RESOLUTION_IDS, STATUS_IDS
from bugbridge.sandbox.wire import Json, digest
from bugbridge.sandbox.world import JiraChange, JiraComment, JiraIssue, JiraVersion, RemoteLink, World

CATEGORIES = {
    "To Do": (2, "new", "blue-gray"),
    "In Progress": (4, "indeterminate", "yellow"),
    "Done": (3, "done", "green"),
}
ISSUE_TYPES = {"Bug": "10004", "Task": "10002", "Story": "10001"}
FIELD_IDS = {"status": "status", "resolution": "resolution", "Fix Version": "fixVersions", "labels": "labels",
             "project": "project", "Link": "issuelinks", "Key": "issuekey"}  # fmt: skip
PROJECT_NAMES = {"SHOP": "Shop", "PAY": "Payments"}


def jira_time(moment: datetime | None) -> str | None:
    """An instant as Jira writes it, with milliseconds and an offset without a colon; None stays None."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000") if moment else None


def user(base: str, login: str) -> Json:
    """A user as issues show them."""
    account = f"557058:{digest(login)[:24]}"
    return {
        "self": f"{base}/rest/api/3/user?accountId={account}",
        "accountId": account,
        "accountType": "atlassian",
        "active": True,
        "avatarUrls": {f"{size}x{size}": f"{base}/avatar/{size}" for size in (16, 24, 32, 48)},
        "displayName": login,
        "timeZone": "Europe/Berlin",
    }


def status(base: str, name: str) -> Json:
    """A status with its category."""
    number, key, colour = CATEGORIES[name]
    category = {
        "self": f"{base}/rest/api/3/statuscategory/{number}",
        "id": number,
        "key": key,
        "colorName": colour,
        "name": name,
    }
    address = f"{base}/rest/api/3/status/{STATUS_IDS[name]}"
    return {
        "self": address,
        "description": "",
        "iconUrl": f"{base}/",
        "name": name,
        "id": STATUS_IDS[name],
        "statusCategory": category,
    }


def version(base: str, found: JiraVersion) -> Json:
    """A version of a project; its date is a day."""
    body: Json = {
        "self": f"{base}/rest/api/3/version/{found.id}",
        "id": str(found.id),
        "name": found.name,
        "archived": False,
        "released": found.released,
        "projectId": number_of(found.project),
    }
    if found.release_date:
        body["releaseDate"] = found.release_date.isoformat()
    return body


def project(base: str, world: World, key: str) -> Json:
    """A project."""
    address = f"{base}/rest/api/3/project/{number_of(key)}"
    versions = [version(base, found) for found in world.versions[key]]
    return {
        "self": address,
        "id": str(number_of(key)),
        "key": key,
        "name": PROJECT_NAMES.get(key, key.title()),
        "projectTypeKey": "software",
        "simplified": False,
        "style": "classic",
        "isPrivate": False,
        "avatarUrls": {},
        "lead": user(base, "octavia"),
        "components": [],
        "issueTypes": [issue_type(base, name) for name in ISSUE_TYPES],
        "assigneeType": "UNASSIGNED",
        "versions": versions,
        "roles": {},
    }


def issue_type(base: str, name: str) -> Json:
    """A type of issue."""
    number = ISSUE_TYPES[name]
    return {
        "self": f"{base}/rest/api/3/issuetype/{number}",
        "id": number,
        "name": name,
        "description": "",
        "iconUrl": "",
        "subtask": False,
    }


def _link(base: str, other: JiraIssue, *, outward: bool) -> Json:
    kind = {"id": "10002", "name": "Duplicate", "inward": "is duplicated by", "outward": "duplicates"}
    shown = {
        "summary": other.summary,
        "status": status(base, other.status),
        "issuetype": issue_type(base, other.issue_type),
    }
    number = f"1{other.id}"
    side = {"id": str(other.id), "key": other.key, "self": f"{base}/rest/api/3/issue/{other.id}", "fields": shown}
    kind["self"] = f"{base}/rest/api/3/issueLinkType/10002"
    return {
        "id": number,
        "self": f"{base}/rest/api/3/issueLink/{number}",
        "type": kind,
        ("outwardIssue" if outward else "inwardIssue"): side,
    }


def _links(base: str, world: World, found: JiraIssue) -> list[Json]:
    outward = [world.jira_issues[found.duplicate_of]] if found.duplicate_of else []
    inward = [issue for issue in world.jira_issues.values() if issue.duplicate_of == found.key]
    return [_link(base, issue, outward=True) for issue in outward] + [
        _link(base, issue, outward=False) for issue in inward
    ]


def _document(text: str, api: str) -> object:
    """Rich text: a document in version 3, plain text in version 2."""
    if api == "2":
        return text
    return {
        "type": "doc",
        "version": 1,
        "content": [{"type": "paragraph", "content": [{"type": "text", "text": text}]}],
    }


def resolution(base: str, name: str) -> Json:
    """How an issue was resolved."""
    number = RESOLUTION_IDS[name]
    return {"self": f"{base}/rest/api/3/resolution/{number}", "id": number, "description": "", "name": name}


def fields(base: str, world: World, found: JiraIssue, api: str) -> Json:
    """All fields of an issue that this company uses."""
    moved = [change.at for change in found.changes if change.field == "status"]
    versions = [version(base, each) for each in world.versions[found.project] if each.name in found.fix_versions]
    return {
        "summary": found.summary,
        "description": _document(f"Reported by support: {found.summary}.", api),
        "status": status(base, found.status),
        "statuscategorychangedate": jira_time(max([found.created_at, *moved])),
        "resolution": resolution(base, found.resolution) if found.resolution else None,
        "resolutiondate": jira_time(found.resolved_at),
        "created": jira_time(found.created_at),
        "updated": jira_time(found.updated_at),
        "fixVersions": versions,
        "versions": [],
        "labels": list(found.labels),
        "issuetype": issue_type(base, found.issue_type),
        "project": {
            name: value
            for name, value in project(base, world, found.project).items()
            if name in {"self", "id", "key", "name"}
        },
        "assignee": user(base, found.assignee) if found.assignee else None,
        "reporter": user(base, found.reporter),
        "issuelinks": _links(base, world, found),
        "comment": comments(base, found, api),
    }


def comment(base: str, found: JiraIssue, written: JiraComment, api: str) -> Json:
    """A comment of an issue."""
    person = user(base, written.author)
    return {
        "self": f"{base}/rest/api/{api}/issue/{found.id}/comment/{written.id}",
        "id": str(written.id),
        "author": person,
        "updateAuthor": person,
        "body": _body(written.body, api),
        "created": jira_time(written.created_at),
        "updated": jira_time(written.updated_at),
        "jsdPublic": True,
    }


def _body(written: object, api: str) -> object:
    """Version 3 shows a document, version 2 text, whichever of them was written."""
    if isinstance(written, str) and api == "3":
        return document(written)
    return written if isinstance(written, str) or api == "3" else "\n\n".join(_texts(written))


def document(text: str) -> Json:
    """A text as a document, each line a paragraph."""
    lines = [[{"type": "text", "text": line}] if line else [] for line in text.split("\n")]
    return {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": line} for line in lines]}


def _texts(written: object) -> Iterator[str]:
    for block in written["content"] if isinstance(written, dict) else ():
        yield "".join(str(node.get("text", "")) for node in block.get("content", ()))


def comments(base: str, found: JiraIssue, api: str) -> Json:
    """All comments of an issue, oldest first, as one page."""
    shown = [comment(base, found, written, api) for written in found.comments]
    return {"comments": shown, "startAt": 0, "maxResults": max(len(shown), 1), "total": len(shown)}


def remote_link(base: str, found: JiraIssue, link: RemoteLink, api: str) -> Json:
    """A link to something elsewhere; what the client left out is not there."""
    given = {"globalId": link.global_id, "application": link.application, "relationship": link.relationship}
    address = f"{base}/rest/api/{api}/issue/{found.id}/remotelink/{link.id}"
    kept = {name: value for name, value in given.items() if value is not None}
    return {"id": link.id, "self": address, **kept, "object": link.object}


def history(base: str, change: JiraChange) -> Json:
    """One entry of a changelog."""
    item: Json = {
        "field": change.field,
        "fieldtype": "jira",
        **({"fieldId": FIELD_IDS[change.field]} if change.field in FIELD_IDS else {}),
        "from": change.before[0],
        "fromString": change.before[1],
        "to": change.after[0],
        "toString": change.after[1],
    }
    return {"id": str(change.id), "author": user(base, change.author), "created": jira_time(change.at), "items": [item]}


def issue(base: str, world: World, found: JiraIssue, wanted: set[str], api: str) -> Json:
    """An issue with the wanted fields; `*all` and `*navigable` want all of them."""
    everything = fields(base, world, found, api)
    chosen = (
        everything
        if wanted & {"*all", "*navigable"}
        else {name: value for name, value in everything.items() if name in wanted}
    )
    return {
        "expand": "renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations",
        "id": str(found.id),
        "self": f"{base}/rest/api/{api}/issue/{found.id}",
        "key": found.key,
        "fields": chosen,
    }
