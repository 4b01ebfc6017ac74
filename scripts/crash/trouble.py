"""What goes wrong at the sandbox while the daemon works: latency and faults, drawn from a seed."""

from bugbridge.sandbox.chance import Chance
from scripts.crash.team import Team

POSTING = r"/tickets/\d+(\.json)?$"
MOST_LET_THROUGH = 3
# Weighted by how often they are drawn; the first is the one that a careless sender repeats.
OF_WRITES: tuple[tuple[str, dict[str, object]], ...] = (
    ("committed", {}),
    ("committed", {}),
    ("committed", {}),
    ("hang", {"seconds": 0.1}),
    ("status", {"status": 503}),
    ("truncated", {}),
    ("html", {"status": 200}),
    ("empty", {"status": 200}),
    ("limited", {"status": 429}),
)
OF_READS: tuple[tuple[str, dict[str, object]], ...] = (
    ("status", {"status": 502}),
    ("truncated", {}),
    ("empty", {"status": 200}),
)


def set_latency(team: Team, chance: Chance) -> None:
    """Make writes take long enough to be met in the middle, and reads a little."""
    team.control("zendesk", "latency/clear")
    milliseconds = chance.between(20, 160)
    team.control("zendesk", "latency", path=POSTING, method="PUT", milliseconds=milliseconds)
    team.control("zendesk", "latency", path="/tickets/", method="GET", milliseconds=chance.between(0, 20))


def set_faults(team: Team, chance: Chance) -> list[str]:
    """Have some of the next requests go wrong; give the kinds of the faults that struck since the last time."""
    struck = [fault["kind"] for fault in team.shown("zendesk", "faults")["faults"] if fault["times"] == 0]
    team.control("zendesk", "faults/clear")
    for _ in range(chance.integer(0, 3)):
        kind, how = chance.pick(OF_WRITES)
        after = chance.integer(0, MOST_LET_THROUGH)
        team.control("zendesk", "faults", path=POSTING, method="PUT", kind=kind, after=after, **how)
    if chance.happens(0.15):
        kind, how = chance.pick(OF_READS)
        after = chance.integer(0, MOST_LET_THROUGH)
        team.control("zendesk", "faults", path="/tickets", method="GET", kind=kind, after=after, **how)
    return struck
