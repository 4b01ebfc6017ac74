"""The seeded history: one made-up company's year, the same for the same seed wherever it is made."""

from bugbridge.sandbox.chance import Chance
from bugbridge.sandbox.seed_bugs import plan_bugs
from bugbridge.sandbox.seed_commits import add_commits
from bugbridge.sandbox.seed_issues import add_issues
from bugbridge.sandbox.seed_people import add_people
from bugbridge.sandbox.seed_tickets import add_tickets
from bugbridge.sandbox.world import World


def build_world(seed: int = 2026) -> World:
    """A fresh world holding the year of history that ends at SEED_NOW; its clock stands until it is started."""
    chance, world = Chance(seed), World(seed)
    people = add_people(world, chance)
    bugs = plan_bugs(chance)
    add_issues(world, chance, bugs)
    add_tickets(world, chance, people, bugs)
    add_commits(world)
    return world
