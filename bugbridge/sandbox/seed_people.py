"""The seeded people: customers' organisations and their users, the agents, and the two who are no people."""

from dataclasses import dataclass

from bugbridge.sandbox.chance import Chance
from bugbridge.sandbox.seed_bugs import HISTORY_START
from bugbridge.sandbox.seed_words import AGENTS, COMPANY_FIRST, COMPANY_SECOND, FAMILY_NAMES, GIVEN_NAMES, PLACES
from bugbridge.sandbox.world import Organization, User, World

ORGANIZATIONS = 272
ENTERPRISE = 12
FIRST_ORGANIZATION = 7_000
FIRST_CUSTOMER = 20_000
FIRST_AGENT = 101
ROBOT_ID = 190
SELF_ID = 191
SELF_EMAIL = "bugbridge@acme.example"


@dataclass
class People:
    """Whom the tickets are written by: customers by organisation, and the agents' ids."""

    organizations: list[int]
    customers: dict[int, list[int]]
    agents: list[int]


def _tier(place: int, chance: Chance) -> str | None:
    if place < ENTERPRISE:
        return "enterprise"
    share = chance.share()
    return None if share < 0.05 else "business" if share < 0.5 else "free"


def _add_organization(world: World, chance: Chance, place: int) -> int:
    name = f"{COMPANY_FIRST[place % len(COMPANY_FIRST)]} {COMPANY_SECOND[place // len(COMPANY_FIRST)]}"
    organization = Organization(FIRST_ORGANIZATION + place, name, _tier(place, chance), HISTORY_START)
    world.organizations[organization.id] = organization
    return organization.id


def _add_customer(world: World, chance: Chance, organization_id: int) -> int:
    user_id = FIRST_CUSTOMER + len(world.users)
    name = f"{chance.pick(GIVEN_NAMES)} {chance.pick(FAMILY_NAMES)}"
    email = f"user{user_id}@customer{organization_id}.example"
    world.users[user_id] = User(user_id, name, email, "end-user", organization_id, *chance.pick(PLACES), HISTORY_START)
    return user_id


def _add_staff(world: World, user_id: int, name: str, email: str, role: str) -> None:
    world.users[user_id] = User(user_id, name, email, role, None, "en-GB", "Berlin", "Europe/Berlin", HISTORY_START)


def add_people(world: World, chance: Chance) -> People:
    """Fill in organisations, customers, agents, a robot and the user that BugBridge signs in as."""
    organizations = [_add_organization(world, chance, place) for place in range(ORGANIZATIONS)]
    customers = {
        organization: [_add_customer(world, chance, organization) for _ in range(chance.integer(1, 2))]
        for organization in organizations
    }
    agents = [FIRST_AGENT + place for place in range(len(AGENTS))]
    for agent, name in zip(agents, AGENTS, strict=True):
        _add_staff(world, agent, name, f"{name.split()[0].lower()}@acme.example", "agent")
    _add_staff(world, ROBOT_ID, "Acme Robot", "robot@acme.example", "agent")
    _add_staff(world, SELF_ID, "BugBridge", SELF_EMAIL, "admin")
    return People(organizations, customers, agents)
