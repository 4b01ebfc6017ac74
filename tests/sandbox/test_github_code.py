"""Releases contain what was committed before them, and comparing says so."""

from bugbridge.sandbox.commits import compare
from bugbridge.sandbox.seed import build_world
from bugbridge.sandbox.server import Sandbox
from bugbridge.sandbox.world import GitHubIssue, World
from tests.sandbox.asking import control, github

ONE = "/repos/acme/app"


def fix_of(world: World, issue: GitHubIssue) -> str:
    """The sha that last closed an issue."""
    last = [event for event in issue.events if event.kind == "closed"][-1]
    return last.commit or str(world.issue(str(last.pull)).merge_commit)


def open_reference(sandbox: Sandbox) -> str:
    """An open issue of acme/app."""
    issues = sandbox.world.issues["acme/app"].values()
    return next(each.reference for each in issues if each.closed_at is None and not each.pull_request)


def relation(sandbox: Sandbox, base: str, head: str) -> str:
    """GitHub's word for how head lies to base."""
    return str(github(sandbox, f"{ONE}/compare/{base}...{head}").json()["status"])


def test_seeded_releases_agree_with_what_people_would_say() -> None:
    """The first release that contains a fix is the version and day of its mark; unmarked bugs are in none."""
    world = build_world()
    marked = {mark.reference: (mark.version, mark.on) for mark in world.release_marks}
    found = {}
    for issue in (each for issues in world.issues.values() for each in issues.values()):
        if issue.first_labels != ("bug",) or not (issue.state_reason == "completed" or issue.reference in marked):
            continue
        sha, releases = fix_of(world, issue), world.releases[issue.repository]
        holding = [each for each in releases if compare(world, issue.repository, sha, each.tag)[0] != "behind"]
        if holding:
            found[issue.reference] = (holding[0].version, holding[0].on)
    assert found == marked


def test_a_fix_is_released_by_the_release_after_it(changing: Sandbox) -> None:
    """Comparing fix with tag says behind before, identical or ahead after; the wrong way round says the opposite."""
    reference = open_reference(changing)
    control(changing, "github/fix", reference=reference)
    sha = fix_of(changing.world, changing.world.issue(reference))
    before = relation(changing, sha, "v4.25")
    updated = github(changing, f"{ONE}/issues/{reference.partition('#')[2]}").json()["updated_at"]
    control(changing, "clock/advance", seconds=60)
    control(changing, "github/release", repository="acme/app", version="4.26")
    assert (before, relation(changing, "v4.25", sha)) == ("behind", "ahead")
    assert relation(changing, sha, "v4.26") == "identical"
    assert github(changing, f"{ONE}/issues/{reference.partition('#')[2]}").json()["updated_at"] == updated


def test_a_draft_has_no_tag_until_it_is_published(changing: Sandbox) -> None:
    """It is listed without a publication; comparing with its tag is 404."""
    control(changing, "github/release", repository="acme/app", version="4.26", draft=True)
    draft = github(changing, f"{ONE}/releases").json()[0]
    unknown = github(changing, f"{ONE}/compare/main...v4.26").status_code
    control(changing, "github/release", repository="acme/app", version="4.26", prerelease=True)
    published = github(changing, f"{ONE}/releases").json()[0]
    assert (draft["draft"], draft["published_at"], unknown) == (True, None, 404)
    assert (published["id"], published["draft"], published["prerelease"]) == (draft["id"], False, True)
    assert published["published_at"].startswith("2026-06-15")


def test_releases_are_paged_and_conditional(changing: Sandbox) -> None:
    """An unchanged page is 304; a release ends its ETag."""
    path = f"{ONE}/releases?per_page=10"
    first = github(changing, path)
    known = {"If-None-Match": first.headers["ETag"]}
    unchanged = github(changing, path, headers=known).status_code
    control(changing, "github/release", repository="acme/app", version="4.26")
    assert (unchanged, github(changing, path, headers=known).status_code) == (304, 200)
    assert (len(first.json()), "next" in first.links) == (10, True)


def test_a_cherry_picked_fix_has_another_sha(changing: Sandbox) -> None:
    """The patch release contains the change, but comparing the fix itself with it says diverged."""
    reference = open_reference(changing)
    control(changing, "github/fix", reference=reference, by="commit")
    sha = fix_of(changing.world, changing.world.issue(reference))
    picked = control(changing, "github/cherry-pick", repository="acme/app", sha=sha, onto="v4.25")
    control(changing, "github/release", repository="acme/app", version="4.25.1", at=picked["sha"])
    assert relation(changing, sha, "v4.25.1") == "diverged"
    assert relation(changing, "v4.25", "v4.25.1") == "ahead"
    assert (
        github(changing, f"{ONE}/commits/{picked['sha']}")
        .json()["commit"]["message"]
        .endswith(f"Fixes {reference.removeprefix('acme/app')}")
    )


def test_the_timeline_names_the_commit_that_closed(changing: Sandbox) -> None:
    """REST gives a sha for a commit, and nothing for a pull request."""
    told = {}
    for by in ("commit", "pull"):
        reference = open_reference(changing)
        control(changing, "github/fix", reference=reference, by=by)
        last = github(changing, f"{ONE}/issues/{reference.partition('#')[2]}/timeline").json()[-1]
        told[by] = (last["event"], last["commit_id"] is None)
    assert told == {"commit": ("closed", False), "pull": ("closed", True)}
