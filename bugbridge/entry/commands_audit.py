"""The audit: how long bugs took, and how many updates went out."""

from typing import TYPE_CHECKING

import click

from bugbridge.core.survival import LEAST_FOR_FIGURES
from bugbridge.entry.door import Door, json_option, pass_door, say, tell
from bugbridge.entry.sentences import counted

if TYPE_CHECKING:
    from bugbridge.app import App
    from bugbridge.core.audit import Audit, Figures, ResolvedBug


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

    app = door.app
    report = run_audit(app.store, app.clock, last)
    say(report, as_json=as_json, show=lambda: _show(app, report))


def _show(app: "App", report: "Audit") -> None:
    show_audit(report)
    if report.all.n:
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
    if not report.all.n:
        tell("No resolved bug has a linked ticket yet: `bugbridge sync` reads what there is.")
        return
    tell(_headline(report.all))
    if report.all.median_days is None:
        _show_bugs(report)
    else:
        _show_figures(report)
    for reason, count in report.excluded.items():
        tell(f"Left out: {count} {reason}.")


def _show_bugs(report: "Audit") -> None:
    from bugbridge.render.tables import print_table

    columns = ("bug", "reported", "fixed", "days", "updates", "reminders")
    print_table("Bug by bug", columns, [_bug_row(bug) for bug in report.bugs])


def _bug_row(bug: "ResolvedBug") -> tuple[object, ...]:
    days = f"{bug.reported_at:%Y-%m-%d}", f"{bug.fixed_at:%Y-%m-%d}", f"{bug.days:.1f}"
    return (bug.reference, *days, bug.updates_sent, bug.reminders_posted)


def _show_figures(report: "Audit") -> None:
    from bugbridge.render.tables import print_table

    groups = [("all", report.all), *report.by_frequency.items()]
    columns = ("bugs", "n", "median", "mean", "90 % within", "worst", "updates", "reminders")
    print_table("Days from report to fix", columns, [_row(name, figures) for name, figures in groups])
    if any(figures.median_days is None for _, figures in groups):
        tell(f"A figure needs {LEAST_FOR_FIGURES} bugs; where there are fewer, it says -.")
    if report.warning:
        tell(report.warning, fg="yellow")


def _headline(figures: "Figures") -> str:
    reminders = counted(figures.reminders_posted, "reminder")
    sent = f"You sent {counted(figures.updates_sent, 'update')}, and {reminders} went to agents."
    if figures.median_days is None:
        few = f"too few for figures, which need {LEAST_FOR_FIGURES}"
        return f"{counted(figures.n, 'resolved bug')}: {few}. {sent}"
    within = f"Half of your last {figures.n} bugs were fixed within {figures.median_days:.0f} days"
    return f"{within}; the slowest took {figures.worst_days:.0f}. {sent}"


def _row(name: str, figures: "Figures") -> tuple[object, ...]:
    days = (figures.median_days, figures.mean_days, figures.p90_days, figures.worst_days)
    shown = ("-" if value is None else f"{value:.1f}" for value in days)
    return (name, figures.n, *shown, figures.updates_sent, figures.reminders_posted)
