"""What has happened before a test begins."""

from bugbridge.core.instants import instant_to_text
from tests.real.engineers import Engineers, web_address
from tests.real.people import People
from tests.real.program import Program, now

VERSION = "4.2"


def reported(people: People, issue: str) -> str:
    """A customer wrote in and was answered, and an agent noted the issue internally; give the ticket's number."""
    ticket = people.ticket("The export drops the last row.")
    people.agent_replies(ticket, "Thank you for telling us; we are looking into it.")
    people.agent_notes(ticket, f"This is {web_address(issue)}, I think.")
    return ticket


def reminder_due(people: People, engineers: Engineers, program: Program) -> tuple[str, str]:
    """A linked bug was fixed and released after going live, and nothing is posted yet; give ticket and issue."""
    begun = now()
    issue = engineers.open_issue()
    ticket = reported(people, issue)
    program.facts("sync")
    program.go_live(begun)
    engineers.close_as_completed(issue)
    program.facts("sync", "github")
    program.facts("release", f"github:{issue}", VERSION)
    program.facts("plan")
    assert program.states(ticket) == [("released", "planned")], instant_to_text(begun)
    return ticket, issue
