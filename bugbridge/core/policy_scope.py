"""For whom a policy is, and which of several decides a link: the narrowest that fits its ticket."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from bugbridge.core.facts import ticket_tags
from bugbridge.core.policy_model import Policy
from bugbridge.core.records import LinkHistory


@dataclass(frozen=True, slots=True)
class AppliesTo:
    """The tickets that a policy is for: every kind that is named has to fit, and of a kind's words any one.

    A kind without words isn't named; where none is, the policy is for everybody.
    """

    helpdesk: frozenset[str] = frozenset()
    brand: frozenset[str] = frozenset()
    tag: frozenset[str] = frozenset()

    @property
    def everybody(self) -> bool:
        """Whether no kind is named."""
        return not (self.helpdesk or self.brand or self.tag)

    def fits(self, helpdesk: str, brand: str, tags: Collection[str]) -> bool:
        """Whether a ticket is one of those that the policy is for."""
        named = ((self.helpdesk, {helpdesk}), (self.brand, {brand}), (self.tag, set(tags)))
        return all(words & own for words, own in named if words)

    def overlaps(self, other: "AppliesTo") -> bool:
        """Whether a ticket can fit both: it has one helpdesk and one brand, but any number of tags."""
        pairs = ((self.helpdesk, other.helpdesk), (self.brand, other.brand))
        return all(own & theirs for own, theirs in pairs if own and theirs)

    @property
    def rank(self) -> tuple[int, bool, bool, bool]:
        """Where it stands: most kinds first, then a tag before a brand before a helpdesk; the least is asked first."""
        unnamed = (not self.tag, not self.brand, not self.helpdesk)
        return (sum(unnamed), *unnamed)


EVERYBODY = AppliesTo()


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """A policy as it stood in one text: `hash` names that text in decisions, "" where none is kept."""

    hash: str
    policy: Policy
    applies_to: AppliesTo = EVERYBODY


@dataclass(frozen=True, slots=True)
class Policies:
    """The versions in force at an instant, in the order in which they are asked; one of them is for everybody.

    `next_start` is when another version comes into force, none where no date ahead is known.
    """

    versions: tuple[PolicyVersion, ...]
    next_start: datetime | None = None

    @classmethod
    def single(cls, policy: Policy, ruleset_hash: str = "") -> "Policies":
        """Have one policy decide every link."""
        return cls((PolicyVersion(ruleset_hash, policy),))

    def of(self, history: LinkHistory) -> PolicyVersion:
        """Choose the policy that decides a link, by what the history holds of its ticket."""
        ticket = history.ticket
        return choose(self.versions, ticket.source_name, ticket.brand, ticket_tags(history))

    @property
    def everybody(self) -> PolicyVersion:
        """The policy that decides where no narrower one fits, and what concerns whole bugs and agents' days."""
        return next(version for version in self.versions if version.applies_to.everybody)


def ordered(versions: Iterable[PolicyVersion]) -> tuple[PolicyVersion, ...]:
    """Put versions in the order in which they are asked: by rank, then by name."""
    return tuple(sorted(versions, key=lambda version: (version.applies_to.rank, version.policy.name)))


def choose(versions: Iterable[PolicyVersion], helpdesk: str, brand: str, tags: Collection[str]) -> PolicyVersion:
    """Give the first that fits a ticket. Raises ValueError where none does, so one must be for everybody."""
    for version in ordered(versions):
        if version.applies_to.fits(helpdesk, brand, tags):
            return version
    raise ValueError("no policy is for everybody")


def overlap_notes(version: PolicyVersion, others: Iterable[PolicyVersion]) -> Iterator[str]:
    """Say of each other policy of equal rank that could fit the same ticket which of the two decides there."""
    for other in ordered(others):
        alike = other.applies_to.rank == version.applies_to.rank and version.applies_to.overlaps(other.applies_to)
        if alike and other.policy.name != version.policy.name:
            first, second = sorted((version.policy.name, other.policy.name))
            yield (
                f"note: the policies {first!r} and {second!r} are for the same tickets, or can be; "
                f"{first!r} decides there, since its name comes first."
            )
