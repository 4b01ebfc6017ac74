"""Old news that waits for a person: which updates are held back for a round, were let go, or are let be.

A person says it of a link at an instant, and it holds for what was news by then; what happens later is told as ever. So
it outlives merges of bugs and everything else that names an update anew. Promises are never old news.
"""

from datetime import datetime

from bugbridge.core.facts import LinkState
from bugbridge.core.model import LinkEventKind, Review
from bugbridge.core.planning import PROMISED
from bugbridge.core.policy_model import Intention
from bugbridge.core.records import LinkHistory
from bugbridge.core.stages import in_order


def review_of(history: LinkHistory, state: LinkState, intention: Intention) -> Review:
    """Say whether an update waits for its round, as the last word about its link has it."""
    said = [event for event in in_order(history.link_events) if event.kind is LinkEventKind.REVIEWED]
    if not said or intention.reason == PROMISED:
        return Review.NONE
    return Review(said[-1].value) if _became_due(state, intention) <= said[-1].occurred_at else Review.NONE


def _became_due(state: LinkState, intention: Intention) -> datetime:
    return state.happened_at(intention.news_seq) or intention.due_at
