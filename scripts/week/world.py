"""The made-up company: its helpdesk with this team, its repository with these issues, and a clock that stands."""

from datetime import timedelta

from bugbridge.sandbox.commits import add_commit
from bugbridge.sandbox.seed_people import SELF_EMAIL, SELF_ID
from bugbridge.sandbox.world import Comment, GitHubIssue, Organization, Release, Ticket, User, World
from scripts.week.people import MONDAY, STAFF, TEAM_ZONE
from scripts.week.reports import ISSUES, REPOSITORY, Report, at

LONG_AGO = at(MONDAY, "08:00") - timedelta(days=60)
FIRST_ORGANIZATION = 7_000


class StandingWorld(World):
    """A world whose clock stands until it is moved, so that every run shows the same times."""

    def start_clock(self) -> None:
        """Serve without letting time pass."""


def build_world() -> World:
    """A helpdesk with this team and no ticket, and a repository with its open issues."""
    world = StandingWorld(0)
    _add_user(world, SELF_ID, "BugBridge", SELF_EMAIL, "admin")
    for agent in STAFF:
        _add_user(world, agent.id, agent.name, agent.email, "agent")
    commit = add_commit(world, REPOSITORY, "Release 4.1", LONG_AGO)
    first = Release(world.new_id(), REPOSITORY, "4.1", LONG_AGO.date(), commit.sha, published_at=LONG_AGO)
    world.releases[REPOSITORY] = [first]
    world.issues[REPOSITORY] = {}
    for reference, title in ISSUES.items():
        number = int(reference.partition("#")[2])
        issue = GitHubIssue(world.new_id(), REPOSITORY, number, title, "", "octavia", LONG_AGO, ("bug",))
        world.issues[REPOSITORY][number] = issue
    return world


def _add_user(world: World, number: int, name: str, email: str, role: str) -> None:
    world.users[number] = User(number, name, email, role, None, "en-GB", "Berlin", TEAM_ZONE.key, LONG_AGO)


def new_ticket(world: World, report: Report) -> Ticket:
    """A ticket as it is when its customer has just written."""
    customer, now = report.customer, world.moment()
    organization = FIRST_ORGANIZATION + customer.place
    company = f"Company {organization}"
    world.organizations[organization] = Organization(organization, company, customer.tier, LONG_AGO)
    email = f"user{customer.id}@customer{organization}.example"
    world.users[customer.id] = User(
        customer.id, customer.name, email, "end-user", organization, customer.locale, "Berlin", TEAM_ZONE.key, LONG_AGO
    )
    subject = report.says.partition(".")[0]
    ticket = Ticket(report.number, subject, customer.id, organization, report.agent.id, "open", now, now)
    ticket.comments.append(
        Comment(world.new_id(), customer.id, report.says, public=True, created_at=now, channel="email")
    )
    return ticket
