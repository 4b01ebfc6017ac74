"""Who may see and do what on the web: three roles, each with all that the one before it has, and brands."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum

BRAND_SEPARATOR = ":"
BETWEEN_BRANDS = "|"


class Role(IntEnum):
    """An agent works on tickets; a lead reviews rounds and calibrates the policy; an admin says who may do what."""

    AGENT = 1
    LEAD = 2
    ADMIN = 3

    @property
    def word(self) -> str:
        """How people and files write it."""
        return self.name.lower()

    @property
    def one(self) -> str:
        """How a sentence names somebody who has it."""
        return f"a {self.word}" if self is Role.LEAD else f"an {self.word}"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever asks for a page, as `via` told us: `session`, `token`, `ticket` (a pass for one ticket) or `loopback`.

    `key` is what is recorded of what they do: their `agent` in the list of people, or the name of their token. `brands`
    are names of helpdesks, or `HELPDESK:BRAND`; None is all. `ticket`, where it isn't empty, is the only ticket that
    they may see. Without `writes` they may look, and change nothing.
    """

    key: str
    name: str
    role: Role
    brands: frozenset[str] | None = None
    via: str = "loopback"
    session: str = ""
    ticket: str = ""
    writes: bool = True

    def may(self, role: Role) -> bool:
        """Whether they have this role, or one with more rights."""
        return self.role >= role

    @property
    def sees_everything(self) -> bool:
        """Whether no brand is hidden from them: figures of the whole team are for these alone."""
        return self.brands is None and not self.ticket

    def looks_into(self, helpdesk: str) -> bool:
        """Whether any ticket of a helpdesk could be there for them."""
        return self.brands is None or any(brand.partition(BRAND_SEPARATOR)[0] == helpdesk for brand in self.brands)

    def sees(self, helpdesk: str, brand: str, ticket: str = "") -> bool:
        """Whether a ticket (`HELPDESK:ID`) of this helpdesk and brand is there for them."""
        if self.ticket and self.ticket != ticket:
            return False
        return self.brands is None or not self.brands.isdisjoint({helpdesk, f"{helpdesk}{BRAND_SEPARATOR}{brand}"})


def within(brands: frozenset[str] | None, wider: frozenset[str] | None) -> bool:
    """Whether whoever has the `wider` brands sees all that these show; a helpdesk's name stands for all its brands."""
    if brands is None or wider is None:
        return wider is None
    return all(brand in wider or brand.partition(BRAND_SEPARATOR)[0] in wider for brand in brands)


def brands_in(text: str) -> tuple[str, ...]:
    """Give the brands that people write in one place, such as `support:eu|rt`; an empty one stays, to be refused."""
    return tuple(brand.strip() for brand in text.split(BETWEEN_BRANDS))


def unknown_brands(brands: Collection[str], helpdesks: Collection[str]) -> tuple[str, ...]:
    """Give those that name no configured helpdesk, or no brand after its name, in their order."""
    return tuple(brand for brand in brands if not _is_brand(brand, helpdesks))


def _is_brand(brand: str, helpdesks: Collection[str]) -> bool:
    helpdesk, separator, name = brand.partition(BRAND_SEPARATOR)
    return helpdesk in helpdesks and bool(name) == bool(separator) and BETWEEN_BRANDS not in brand


def narrowed(brands: Collection[str]) -> frozenset[str] | None:
    """Give the brands as a visitor has them: none named are all."""
    return frozenset(brands) or None
