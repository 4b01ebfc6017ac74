"""How long work shows how far it is, and keeps to its share of what a helpdesk allows."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

Progress = Callable[[int], None]


@contextmanager
def progress_bar(label: str, length: int) -> Iterator[Progress]:
    """Give what counts up to a length on a bar on standard error, where that is a terminal; else it shows nothing."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    with click.progressbar(length=length, label=label, file=sys.stderr) as bar:
        yield bar.update


@contextmanager
def counter(label: str) -> Iterator[Progress]:
    """Give what counts on standard error, where that is a terminal and nobody knows how many there will be."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    total = 0

    def step(count: int) -> None:
        nonlocal total
        total += count
        click.echo(f"\r{label}: {total}", nl=False, err=True)

    yield step
    click.echo(err=True)


def paced(show: Progress, seconds: float) -> Progress:
    """Give a progress that waits, so that two steps are at least so many seconds apart."""
    next_at = time.monotonic()

    def step(count: int) -> None:
        nonlocal next_at
        show(count)
        next_at = max(next_at + seconds * count, time.monotonic() - seconds)
        time.sleep(max(0.0, next_at - time.monotonic()))

    return step
