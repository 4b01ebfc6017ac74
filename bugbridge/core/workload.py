"""How much there is to do, in counts alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from bugbridge.core.model import DeliveryState

# What is due is posted within seconds; after an hour something is in the way.
OVERDUE_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Workload:
    """Updates planned and due by now, on helpdesks in watch mode too; of those that may be posted (live, not paused,
    not waiting for a person) the ones due for more than an hour; those that couldn't be posted; deliveries by state."""

    due: int = 0
    overdue: int = 0
    dead: int = 0
    deliveries: Mapping[DeliveryState, int] = field(default_factory=dict)
