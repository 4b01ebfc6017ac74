"""Rounds: what waits for a person is shown, approved, handed to the agents or let be, bug by bug."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bugbridge.core.errors import DataError, UsageError
from bugbridge.core.round_view import Decision, Judgement, RoundView, Standing, Wish
from bugbridge.entry.door import Door, json_option, pass_door, say, tell
from bugbridge.entry.jobs import decide
from bugbridge.entry.naming import known_issue, known_ticket
from bugbridge.entry.round_words import HELD
from bugbridge.entry.sentences import counted

if TYPE_CHECKING:
    from bugbridge.app import App
    from bugbridge.core.records import UpdateItem
    from bugbridge.services.rounds import Round

TICKETS_SHOWN = 5
READY, ALL = "ready", "all"


class RoundGroup(click.Group):
    """A group whose first word may be a bug: then that bug's round is shown."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read `round BUG` as `round show BUG`."""
        known = {*self.commands, *ctx.help_option_names}
        return super().parse_args(ctx, ["show", *args] if args and args[0] not in known else args)


@click.group("round", cls=RoundGroup, short_help="Review news that goes to several tickets.")
def round_group() -> None:
    """News for several tickets is a round: nobody is told, and no agent reminded, before a person has reviewed it. So
    is old news that was kept for one when a helpdesk went live (`go-live --old round`).

    \b
    Examples:
      bugbridge round list
      bugbridge round acme/app#12                     how it stands, its groups and drafts
      bugbridge round acme/app#12 --approve ready     send the drafts that are ready, in ten minutes
      bugbridge round acme/app#12 --review round.csv  edit and approve in a file
    """


@round_group.command(short_help="One bug's round: `round BUG` is short for it.")
@click.argument("bug")
@click.option("--approve", multiple=True, metavar="WHAT", help="ready, a group by its name, or a ticket; repeatable.")
@click.option("--take-back", multiple=True, metavar="TICKET", help="An approved reply, or all; repeatable.")
@click.option("--stop", is_flag=True, help="Have all approved replies wait again that aren't being sent yet.")
@click.option(
    "--review",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.csv",
    help="Write the drafts to a file that isn't there yet; do what one that is there says.",
)
@click.option("--yes", is_flag=True, help="Don't ask.")
@json_option
@pass_door
def show(
    door: Door,
    bug: str,
    *,
    approve: tuple[str, ...],
    take_back: tuple[str, ...],
    stop: bool,
    review: Path | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Show a bug's round: how many drafts are ready, which tickets need your eye, who knows already.

    What is approved goes to the customer word for word, as a public reply for the ticket's agent, ten minutes later
    and only in open hours; until then it can be stopped. In the file, `approve` or `take back` in the column decision
    says what becomes of a line, and an edited text is what goes out; what `bugbridge check-reply` calls an error in one
    is said, and stops nothing.

    \b
    Examples:
      bugbridge round acme/app#12
      bugbridge round acme/app#12 --approve ready --yes
      bugbridge round acme/app#12 --approve told/de/business --approve support:4711
      bugbridge round acme/app#12 --review round.csv     once to write the file, once more to do what it says
      bugbridge round acme/app#12 --take-back support:4711
      bugbridge round acme/app#12 --stop
    """
    from bugbridge.services.round_view import open_round

    if review and (approve or take_back or stop):
        raise UsageError("A file says itself what is approved and taken back: give --review alone.")
    if stop and (approve or take_back):
        raise UsageError("--stop takes back all that is approved: give it alone.")
    app = door.app
    view = open_round(app.sender, known_issue(app, bug).bug_id)
    if review is not None and not review.exists():
        _write(view, review, as_json=as_json)
    elif review or approve or take_back or stop:
        wishes = _in_file(app, view, review) if review else tuple(_wishes(app, view, approve, take_back, stop=stop))
        _review(door, view, wishes, yes=yes, as_json=as_json)
    else:
        _show_one(app, view, as_json=as_json)


def _show_one(app: "App", view: RoundView, *, as_json: bool) -> None:
    from bugbridge.entry.round_showing import facts_of, show_round
    from bugbridge.entry.round_words import head_of

    ready = len(view.standing(Standing.READY))
    head = head_of(app.sender, view, f"`bugbridge round {view.issue} --approve ready` sends the {ready}")
    say(facts_of(view, head), as_json=as_json, show=lambda: show_round(view, head, app.settings.calendar.zone))


def _write(view: RoundView, path: Path, *, as_json: bool) -> None:
    from bugbridge.entry.round_files import write_round

    count = write_round(view, path)
    sentence = (
        f"{counted(count, 'draft')} written to {path}: edit it, write approve or take back in the column decision, "
    )
    sentence += "and give the same command once more. It holds customers' data: delete it then."
    say({"written": str(path), "tickets": count}, as_json=as_json, show=lambda: tell(sentence))


def _in_file(app: "App", view: RoundView, path: Path) -> tuple[Wish, ...]:
    """Read a file's wishes, and warn of wording that hurts. Raises DataError with all its problems, those of judging
    included."""
    from bugbridge.core.round_view import judge_wishes
    from bugbridge.entry.round_files import lines_of, read_round
    from bugbridge.entry.round_wording import wording_warnings

    wishes = read_round(view, path)
    coming, lines = judge_wishes(view, wishes), lines_of(view, path)
    problems = coming.problems
    if problems:
        raise DataError(
            "\n".join(f"{path.name}, line {lines[ticket]}: {_ticket(view, ticket)} {why}" for ticket, why in problems)
        )
    for row, warning in wording_warnings(app, coming.approve):
        tell(f"{path.name}, line {lines[row.key.ticket_id]}: {row.ticket}: {warning}", err=True)
    return wishes


def _ticket(view: RoundView, ticket_id: int) -> str:
    return next((row.ticket for row in view.rows if row.key.ticket_id == ticket_id), "a ticket")


def _wishes(
    app: "App", view: RoundView, approve: Sequence[str], take_back: Sequence[str], *, stop: bool
) -> Iterator[Wish]:
    """Read what was typed. Raises UsageError for what is neither a group nor a ticket of the round."""
    groups = view.groups()
    for word in approve:
        if word == ALL:
            raise UsageError("--approve ready approves all that are ready; what needs your eye is approved one by one.")
        rows = view.standing(Standing.READY) if word == READY else groups.get(word)
        ids = [row.key.ticket_id for row in rows] if rows is not None else [_known(app, view, word)]
        yield from (Wish(ticket_id, Decision.APPROVE) for ticket_id in ids)
    if stop or ALL in take_back:
        yield from (Wish(row.key.ticket_id, Decision.TAKE_BACK) for row in view.standing(Standing.APPROVED))
    named = [word for word in take_back if word != ALL]
    yield from (Wish(_known(app, view, word), Decision.TAKE_BACK) for word in named)


def _known(app: "App", view: RoundView, word: str) -> int:
    if ":" not in word and not word.isdecimal():
        names = ", ".join(view.groups()) or "none is ready"
        raise UsageError(f"{word!r} is no ticket, and no group of this round; its groups: {names}.")
    return known_ticket(app, word).id


def _review(door: Door, view: RoundView, wishes: Sequence[Wish], *, yes: bool, as_json: bool) -> None:
    """Say what would happen, ask before anything goes out, and do it on what is known by then."""
    from bugbridge.core.round_view import judge_wishes
    from bugbridge.services import rounds

    coming = judge_wishes(view, wishes)
    _refuse(view, coming)
    if coming.approve and as_json and not yes:
        raise UsageError("With --json nothing is asked: say --yes.")
    if not coming.nothing and not as_json:
        _announce(coming)
    if coming.approve and not yes:
        click.confirm("Go on?", abort=True)
    done = coming if coming.nothing else rounds.review(door.app.sender, view, wishes, door.actor)
    decide(door.app)
    facts = {
        "issue": view.issue,
        "approved": [row.ticket for row, _ in done.approve],
        "taken_back": [row.ticket for row in done.take_back],
        "refused": {_ticket(view, ticket_id): why for ticket_id, why in done.problems},
    }
    say(facts, as_json=as_json, show=lambda: _tell_done(view, done))


def _refuse(view: RoundView, coming: Judgement) -> None:
    if coming.problems:
        sentences = [f"{_ticket(view, ticket_id)} {why}" for ticket_id, why in coming.problems]
        raise UsageError("\n".join(sentences))


def _announce(coming: Judgement) -> None:
    own = sum(row.is_own(text) for row, text in coming.approve)
    if coming.approve:
        edited = f", {own} in words of your own" if own else ""
        tell(f"{counted(len(coming.approve), 'reply', 'replies')} would go to the customers{edited}.")
    if coming.take_back:
        tell(f"{counted(len(coming.take_back), 'approved reply', 'approved replies')} would wait again.")


def _tell_done(view: RoundView, done: Judgement) -> None:
    if done.nothing and not done.problems:
        tell("Nothing was changed: of what you named nothing waits to be approved or taken back.")
    if done.approve:
        replies = "1 reply is" if len(done.approve) == 1 else f"{len(done.approve)} replies are"
        tell(f"{replies} approved: {HELD}.")
        tell(f"`bugbridge round {view.issue} --stop` has all that is approved wait again until then.")
    if done.take_back:
        tell(f"{counted(len(done.take_back), 'reply', 'replies')} taken back, and waiting again.")
    for ticket_id, why in done.problems:
        tell(f"{_ticket(view, ticket_id)} {why}")


@round_group.command("list", short_help="What waits.")
@json_option
@pass_door
def list_rounds(door: Door, *, as_json: bool) -> None:
    """Show which bugs' news waits for a person, and for how many tickets."""
    from bugbridge.services.rounds import rounds_waiting

    waiting = rounds_waiting(door.app.store)
    facts = [{"issue": one.issue, "reason": one.reason, "tickets": one.tickets} for one in waiting]
    say({"rounds": facts}, as_json=as_json, show=lambda: _show(waiting))


def _show(waiting: "Sequence[Round]") -> None:
    from bugbridge.render.tables import print_table

    if not waiting:
        tell("No round waits. News for several tickets is one; `bugbridge go-live --old round` keeps old news for one.")
        return
    rows = [(one.issue, one.reason.replace("_", " "), len(one.items), _some(one.tickets)) for one in waiting]
    print_table("Rounds that wait", ("bug", "news", "tickets", "which"), rows)
    tell("`bugbridge round BUG` shows one with its drafts; `bugbridge round send BUG` has the agents reminded instead,")
    tell("`bugbridge round drop BUG` lets it be.")


def _some(tickets: Sequence[str]) -> str:
    more = len(tickets) - TICKETS_SHOWN
    return ", ".join(tickets[:TICKETS_SHOWN]) + (f" and {more} more" if more > 0 else "")


_BUG = click.argument("bug")
_EXCEPT = click.option("--except", "left_out", multiple=True, metavar="TICKET", help="Leave this ticket waiting.")


@round_group.command(short_help="Have the agents reminded instead.")
@_BUG
@_EXCEPT
@json_option
@pass_door
def send(door: Door, bug: str, left_out: tuple[str, ...], *, as_json: bool) -> None:
    """Have the agents of a bug's waiting tickets reminded, within the policy's limits.

    \b
    Examples:
      bugbridge round send acme/app#12
      bugbridge round send acme/app#12 --except support:4711
    """
    from bugbridge.services.rounds import release

    items = _chosen(door.app, bug, left_out)
    count = release(door.app.store, door.app.clock, items, door.actor)
    decide(door.app)
    sentence = f"{counted(count, 'update')} released: `bugbridge send` or the daemon posts within the policy's limits."
    say({"released": count}, as_json=as_json, show=lambda: tell(sentence))


@round_group.command(short_help="Let it be.")
@_BUG
@_EXCEPT
@json_option
@pass_door
def drop(door: Door, bug: str, left_out: tuple[str, ...], *, as_json: bool) -> None:
    """Have nobody told of a bug's waiting news; what happens to the bug from now on is told as ever."""
    from bugbridge.services.rounds import let_be

    items = _chosen(door.app, bug, left_out)
    count = let_be(door.app.store, door.app.clock, items, door.actor)
    decide(door.app)
    say({"dropped": count}, as_json=as_json, show=lambda: tell(f"{counted(count, 'update')} dropped."))


def _chosen(app: "App", bug: str, left_out: tuple[str, ...]) -> "list[UpdateItem]":
    from bugbridge.services.rounds import rounds_of

    issue = known_issue(app, bug)
    canonical = {row.id: row.reference for row in app.store.bugs()}
    reference = canonical.get(app.store.canonical_bug(issue.bug_id), issue.reference)
    spared = {known_ticket(app, typed).id: typed for typed in left_out}
    waiting = [item for one in rounds_of(app.store, reference) for item in one.items]
    strange = [typed for ticket_id, typed in spared.items() if ticket_id not in {item.ticket_id for item in waiting}]
    if strange:
        raise UsageError(f"{', '.join(strange)} isn't in this round: `bugbridge round list --json` names its tickets.")
    items = [item for item in waiting if item.ticket_id not in spared]
    if not items:
        raise UsageError("Nothing is left of this round: --except names all of its tickets.")
    return items
