"""How a move of the week is made in the sandbox's world."""

from collections.abc import Callable, Mapping

from bugbridge.sandbox import changes
from bugbridge.sandbox.world import World
from scripts.week.script import REPORTS, Act, Move
from scripts.week.world import new_ticket


def make(world: World, move: Move) -> None:
    """Have somebody do something, now."""
    _WAYS[move.act](world, move)


def _opens(world: World, move: Move) -> None:
    report = next(one for one in REPORTS if str(one.number) == move.on)
    world.tickets[report.number] = new_ticket(world, report)


def _writes(world: World, move: Move) -> None:
    changes.customer_comment(world, int(move.on), move.text)


def _notes(world: World, move: Move) -> None:
    _by_agent(world, move, changes.Writing(0, move.text))


def _replies(world: World, move: Move) -> None:
    _by_agent(world, move, changes.Writing(0, move.text, public=True, status="pending"))


def _by_agent(world: World, move: Move, writing: changes.Writing) -> None:
    """Have an agent write on a ticket, whoever has it."""
    if move.agent is None:
        raise ValueError(f"Nobody is named who {move.act} on {move.on}.")
    writing.author_id = move.agent.id
    changes.update_ticket(world, int(move.on), writing)


_WAYS: Mapping[Act, Callable[[World, Move], object]] = {
    Act.OPENS: _opens,
    Act.WRITES: _writes,
    Act.NOTES: _notes,
    Act.REPLIES: _replies,
    Act.FIXES: lambda world, move: changes.fix_issue(world, move.on),
    Act.DECLINES: lambda world, move: changes.close_issue(world, move.on, "not_planned"),
    Act.REOPENS: lambda world, move: changes.reopen_issue(world, move.on),
    Act.RELEASES: lambda world, move: changes.release_repository(world, move.on, move.text),
}
