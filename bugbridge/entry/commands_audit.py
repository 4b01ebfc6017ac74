"""The audit: how long bugs took, and how many updates went out."""

from typing import TYPE_CHECKING

import click

from bugbridge.entry.door import Door, json_option, pass_door, say, tell
from bugbridge.entry.sentences import counted

if TYPE_CHECKING:
    from bugbridge.core.audit import Audit, Figures


@click.command(short_help="How long bugs took, and what was sent.")
@click.option("--last", default=100, show_default=True, type=click.IntRange(min=1), help="How many resolved bugs.")
@json_option
@pass_door
def audit(door: Door, last: int, *, as_json: bool) -> None:
    """Report on the bugs resolved last: days from the first report to the fix, and updates sent.

    \b
    Examples:
      bugbridge audit
      bugbridge audit --last 20 --json
    """
    from bugbridge.services.auditing import run_audit

    report = run_audit(door.app.store, door.app.clock, last)
    say(report, as_json=as_json, show=lambda: show_audit(report))


def show_audit(report: "Audit") -> None:
    """Show an audit to people."""
    if not report.all.n:
        tell("No resolved bug has a linked ticket yet: `bugbridge sync` reads what there is.")
        return
    from bugbridge.render.tables import print_table

    tell(_headline(report.all))
    groups = [("all", report.all), *report.by_frequency.items()]
    columns = ("bugs", "n", "median", "mean", "90 % within", "worst", "updates sent")
    print_table("Days from report to fix", columns, [_row(name, figures) for name, figures in groups])
    for reason, count in report.excluded.items():
        tell(f"Left out: {count} {reason}.")
    if report.warning:
        tell(report.warning, fg="yellow")


def _headline(figures: "Figures") -> str:
    sent = f"You sent {counted(figures.updates_sent, 'update')}."
    if figures.median_days is None:
        return f"The last resolved bugs: {figures.n}. {sent}"
    within = f"Half of your last {figures.n} bugs were fixed within {figures.median_days:.0f} days"
    return f"{within}; the slowest took {figures.worst_days:.0f}. {sent}"


def _row(name: str, figures: "Figures") -> tuple[object, ...]:
    days = (figures.median_days, figures.mean_days, figures.p90_days, figures.worst_days)
    return (name, figures.n, *("-" if value is None else f"{value:.1f}" for value in days), figures.updates_sent)
