"""The store: every story composed over one SQLite database."""

from pathlib import Path

from bugbridge.store.access import AccessStore
from bugbridge.store.answers import AnswerStore
from bugbridge.store.backup import BackupStore
from bugbridge.store.board import BoardStore
from bugbridge.store.board_bug_page import BoardBugPageStore
from bugbridge.store.board_bugs import BoardBugStore
from bugbridge.store.board_links import BoardLinkStore
from bugbridge.store.board_lists import BoardListStore
from bugbridge.store.board_review import ReviewStore
from bugbridge.store.board_search import SearchStore
from bugbridge.store.bulk import BulkStore
from bugbridge.store.exporting import ExportStore
from bugbridge.store.holders import HolderStore
from bugbridge.store.inbox import InboxStore
from bugbridge.store.jobs import JobStore
from bugbridge.store.many_histories import ManyHistoriesStore
from bugbridge.store.notifications import NotificationStore
from bugbridge.store.promises import PromiseStore
from bugbridge.store.upkeep import UpkeepStore
from bugbridge.store.usage import UsageStore


class SqliteStore(
    BulkStore,
    AnswerStore,
    UpkeepStore,
    ManyHistoriesStore,
    UsageStore,
    InboxStore,
    JobStore,
    NotificationStore,
    HolderStore,
    PromiseStore,
    BackupStore,
    ExportStore,
    BoardStore,
    BoardListStore,
    BoardLinkStore,
    ReviewStore,
    SearchStore,
    BoardBugStore,
    BoardBugPageStore,
    AccessStore,
):
    """Everything that BugBridge remembers, in one SQLite file or in memory; safe to share between threads."""


def open_store(path: Path | str) -> SqliteStore:
    """Open a database, create it or bring it to this version; ":memory:" gives one that dies with its store.

    Raises DataError if the file can't be opened, is damaged, holds something else or comes from a newer version.
    """
    return SqliteStore(str(path))
