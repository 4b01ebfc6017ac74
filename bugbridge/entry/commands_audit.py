"""The audit: how long bugs took, and how many updates went out."""

from typing import TYPE_CHECKING

import click

from bugbridge.core.survival import LEAST_FOR_FIGURES
from bugbridge.entry.door import Door, json_option, pass_door, say, tell
from bugbridge.entry.sentences import counted

if TYPE_CHECKING:
    from bugbridge.app import App
    from bugbridge.core.audit_model import Audit, Group, ResolvedBug


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
    from bugbridge.core.audit_model import Question
    from bugbridge.services.auditing import run_audit

    app = door.app
    report = run_audit(app.store, app.clock, Question(last))
    say(report, as_json=as_json, show=lambda: _show(app, report))


def _show(app: "App", report: "Audit") -> None:
    show_audit(report)
    if report.n:
        _show_long_haul(app)


def _show_long_haul(app: "App") -> None:
    """Say where bugs surely take so long that nobody is written to often."""
    from bugbridge.core.cadence import ALL_BUGS, NO_CURVES, is_long_haul
    from bugbridge.services.curves import curve_book

    rules = app.policy.cadence
    curve = curve_book(app.store).scopes.get(ALL_BUGS, NO_CURVES).at(app.clock.now())
    if curve is not None and is_long_haul(curve, rules):
        least = round(curve.median_at_least or 0)
        tell(
            f"A long haul: half of all reported bugs take {least} days or more, so periodic updates are at least "
            f"{rules.long_haul_min_days} days apart."
        )


def show_audit(report: "Audit") -> None:
    """Show an audit to people."""
    if not report.n:
        tell("No resolved bug has a linked ticket yet: `bugbridge sync` reads what there is.")
        return
    tell(_headline(report))
    if report.days_to_fix.median is None:
        _show_bugs(report)
    else:
        _show_figures(report)
    for exclusion in report.excluded:
        tell(f"Left out: {exclusion.count} ({exclusion.reason}).")


def _show_bugs(report: "Audit") -> None:
    from bugbridge.render.tables import print_table

    columns = ("bug", "reported", "fixed", "days", "updates")
    print_table("Bug by bug", columns, [_bug_row(bug) for bug in report.bugs])


def _bug_row(bug: "ResolvedBug") -> tuple[object, ...]:
    days = f"{bug.reported_at:%Y-%m-%d}", f"{bug.fixed_at:%Y-%m-%d}", f"{bug.days:.1f}"
    return (bug.reference, *days, bug.updates_sent)


def _show_figures(report: "Audit") -> None:
    from bugbridge.render.tables import print_table

    columns = ("bugs", "n", "median", "mean", "90 % within", "worst", "updates")
    print_table("Days from report to fix", columns, [_row(group) for group in report.groups])
    if any(group.days_to_fix.median is None for group in report.groups):
        tell(f"A figure needs {LEAST_FOR_FIGURES} bugs; where there are fewer, it says -.")


def _headline(report: "Audit") -> str:
    reminders = counted(report.replies.reminders, "reminder")
    sent = f"You sent {counted(report.replies.updates, 'update')}, and {reminders} went to agents."
    days = report.days_to_fix
    if days.median is None:
        few = f"too few for figures, which need {LEAST_FOR_FIGURES}"
        return f"{counted(report.n, 'resolved bug')}: {few}. {sent}"
    within = f"Half of your last {report.n} bugs were fixed within {days.median:.0f} days"
    return f"{within}; the slowest took {days.worst:.0f}. {sent}"


def _row(group: "Group") -> tuple[object, ...]:
    figures = group.days_to_fix
    days = (figures.median, figures.mean, figures.p90, figures.worst)
    shown = ("-" if value is None else f"{value:.1f}" for value in days)
    return (group.name, figures.n, *shown, group.updates)
