"""What checks replies at every door, made from the app, or without any configuration."""

import os
from typing import TYPE_CHECKING

from bugbridge.services.reply_checking import About, ReplyChecker, about_link

if TYPE_CHECKING:
    from bugbridge.app import App
    from bugbridge.entry.door import Door


def reply_checker(app: "App") -> ReplyChecker:
    """Check by the team's rules and hours. Raises ConfigError for wrong ones."""
    return ReplyChecker(app.wordings, app.calendar, app.clock, app.settings.language)


def checker_at(door: "Door") -> ReplyChecker:
    """Check by the team's rules where there is a configuration, else by those that come with BugBridge.

    Raises ConfigError for a configuration or rules that are wrong.
    """
    from bugbridge.settings import is_configured

    return reply_checker(door.app) if is_configured(door.config, os.environ) else _unconfigured()


def _unconfigured() -> ReplyChecker:
    """Check in the hours of a configuration that names none, so that dates don't change with the first one."""
    from bugbridge.app import calendar_of
    from bugbridge.clocks import SystemClock
    from bugbridge.settings import shipped_folder
    from bugbridge.settings_parts import CalendarSettings
    from bugbridge.wordings import read_wordings

    return ReplyChecker(read_wordings(shipped_folder()), calendar_of(CalendarSettings()), SystemClock())


def about_ticket(app: "App", ticket: str, issue: str | None) -> About:
    """Gather what is known of a ticket's bug and customer. Raises UsageError for a ticket that isn't known or linked,
    and for one with several bugs where no issue says which."""
    from bugbridge.entry.naming import known_issue, known_ticket
    from bugbridge.services.intake import the_link

    row = known_ticket(app, ticket)
    return about_link(app.sender, the_link(app.store, row, known_issue(app, issue) if issue else None))
