"""The policies as they are kept: which are in force, taken from the file, applied, withdrawn; and their history."""

import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from bugbridge.core.errors import ConfigError, UsageError
from bugbridge.core.events import Ruleset
from bugbridge.core.instants import instant_to_text
from bugbridge.core.model import Actor, AuthorKind
from bugbridge.core.policy_file import APPLIES_TO, DEFAULT_NAME, parse_version, text_hash
from bugbridge.core.policy_model import Policy
from bugbridge.core.policy_scope import Policies, PolicyVersion, ordered
from bugbridge.ports import Clock, Store
from bugbridge.services.sources import last_success

POLICY = "policy"
WITHDRAWN = "withdrawn"
APPLIED = "apply"
FILE = Actor(AuthorKind.SELF, "bugbridge", "file")
JOB = "job:policies"
TABLES = ("grid", "tell", "cadence", "limits", "facts", "frequency")
# As many texts as a long history has; the same ones are asked for again and again.
TEXTS_REMEMBERED = 256


@dataclass(frozen=True, slots=True)
class Kept:
    """A version of a policy as it is kept, or its withdrawal; `hash` is that of the body, which is the file's text.

    `said_at` is when its author decided so, none where it isn't kept yet; instants are UTC.
    """

    body: str
    in_force_from: datetime
    author: Actor
    said_at: datetime | None = None

    @property
    def hash(self) -> str:
        """What names the version in decisions."""
        return text_hash(self.body)

    @property
    def name(self) -> str:
        """The policy's name, by which later versions take its place."""
        return _name(self.body)

    @property
    def withdrawn(self) -> bool:
        """Whether it ends the policy instead of saying it."""
        return WITHDRAWN in _data(self.body)

    @property
    def applied(self) -> bool:
        """Whether a person put it in force, so that the configured file's text doesn't take its place by itself."""
        return self.author.via == APPLIED

    def read(self) -> PolicyVersion:
        """Read its text. Raises ConfigError where this BugBridge doesn't understand it any more."""
        return _read(self.body, f"policy {self.name!r}, version {self.hash}")


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """The configured file as it stands; `problem` says why it can't be read at all."""

    text: str
    where: str
    problem: str = ""

    def read(self) -> PolicyVersion:
        """Read its text. Raises ConfigError with all its problems."""
        if self.problem:
            raise ConfigError([self.problem])
        return _read(self.text, self.where)


@lru_cache(TEXTS_REMEMBERED)
def _read(text: str, where: str) -> PolicyVersion:
    return parse_version(text, where)


@lru_cache(TEXTS_REMEMBERED)
def _data(text: str) -> Mapping[str, object]:
    return tomllib.loads(text)


def _name(text: str) -> str:
    data = _data(text)
    return str(data.get(WITHDRAWN, data.get("name", DEFAULT_NAME)))


def kept_policies(store: Store) -> tuple[Kept, ...]:
    """Give every version that is kept, in the order in which they come into force."""
    authors = store.ruleset_authors(POLICY)
    return tuple(Kept(one.body, one.in_force_from, authors[one.seq], one.occurred_at) for one in store.rulesets(POLICY))


def policies_at(kept: Iterable[Kept], at: datetime) -> Policies:
    """Give the policies in force at an instant. Raises ConfigError where none is for everybody."""
    known = tuple(kept)
    policies = ordered(one.read() for one in _newest(known, at).values() if not one.withdrawn)
    if not any(version.applies_to.everybody for version in policies):
        sentence = "No policy would be for everybody: have one in force that has no [applies_to], then try again."
        raise ConfigError([sentence])
    return Policies(policies, min((one.in_force_from for one in known if one.in_force_from > at), default=None))


def policies_in_force(store: Store, now: datetime) -> Policies:
    """Give the policies in force. Raises ConfigError where none is yet."""
    return policies_at(kept_policies(store), now)


def standing(kept: Sequence[Kept], file: PolicyFile, now: datetime) -> tuple[Kept, ...]:
    """Give each policy's version in force, once the configured file was taken, in the order in which they are asked.

    Errors as for `with_file`.
    """
    newest = _newest([*kept, *taken_from_file(kept, file, now)], now)
    order = [version.policy.name for version in with_file(kept, file, now).versions]
    return tuple(newest[name] for name in order)


def _newest(kept: Iterable[Kept], at: datetime | None = None) -> dict[str, Kept]:
    """Give each policy's last version by its start, of those that have come into force by then; of equal ones the one
    that was said last."""
    by_start = sorted(kept, key=lambda one: one.in_force_from)
    return {one.name: one for one in by_start if at is None or one.in_force_from <= at}


def taken_from_file(kept: Sequence[Kept], file: PolicyFile, now: datetime) -> tuple[Kept, ...]:
    """Give what is to be kept so that the configured file's text is in force: nothing where it is, or where a person
    applied its policy. A name that the file had before is withdrawn.

    Raises ConfigError with the file's problems, but not where all customers have a policy that a person applied: a
    broken file that isn't in force stops nothing.
    """
    try:
        name, newest = file.read().policy.name, _newest(kept)
    except ConfigError:
        if _rests_on_people(kept, now):
            return ()
        raise
    own = newest.get(name)
    taken = [_withdrawal(old, now, FILE) for old, last in newest.items() if old != name and _is_the_files(last)]
    if own is None or (not own.applied and own.body != file.text):
        taken.append(Kept(file.text, now, FILE))
    return tuple(taken)


def _rests_on_people(kept: Sequence[Kept], now: datetime) -> bool:
    in_force = (one for one in _newest(kept, now).values() if one.applied and not one.withdrawn)
    return any(one.read().applies_to.everybody for one in in_force)


def _is_the_files(last: Kept) -> bool:
    return not last.applied and not last.withdrawn


def _withdrawal(name: str, start: datetime, author: Actor) -> Kept:
    """A text that says nothing but whose it was."""
    quoted = json.dumps(name, ensure_ascii=False).replace("\x7f", "\\u007f")  # the one sign that TOML alone refuses
    return Kept(f"{WITHDRAWN} = {quoted}\n", start, author)


def with_file(kept: Sequence[Kept], file: PolicyFile, now: datetime) -> Policies:
    """Give the policies as they are in force once the configured file was taken. Errors as for `take_file`."""
    taken = taken_from_file(kept, file, now)
    if taken:
        _refuse_gaps([*kept, *taken], now, f"{file.where}: ")
    return policies_at([*kept, *taken], now)


def take_file(store: Store, clock: Clock, file: PolicyFile) -> bool:
    """Put the configured file in force where that is to be done by itself; False where nothing was to be done.

    Raises ConfigError with the file's problems, or where it would leave no policy for everybody.
    """
    now = clock.now()
    with store.write():
        kept = kept_policies(store)
        taken = taken_from_file(kept, file, now)
        if taken:
            _refuse_gaps([*kept, *taken], now, f"{file.where}: ")
            _keep(store, taken, now)
    return bool(taken)


def file_notice(kept: Sequence[Kept], file: PolicyFile) -> str:
    """Say that the configured file isn't taken, because a person applied another text; "" where nobody did."""
    name = file.read().policy.name
    own = _newest(kept).get(name)
    if own is None or not own.applied or own.body == file.text:
        return ""
    since = f"`policy {'withdraw' if own.withdrawn else 'apply'}`"
    return (
        f"{file.where} isn't taken by itself, since {since} decided otherwise about the policy {name!r}: "
        f"`bugbridge policy apply {file.where}` puts the file in force."
    )


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change of the policies that isn't kept yet: which are in force at its start without it, and which with it.

    `taken` is what is kept beside it: what the configured file puts in force by itself, and the ends of versions to
    come of a policy that is withdrawn; `stands` that the change changes nothing,
    since the same text is in force then.
    """

    change: Kept
    taken: tuple[Kept, ...]
    before: Policies
    after: Policies
    stands: bool


def propose(
    store: Store, clock: Clock, file: PolicyFile, body: str, actor: Actor, start: datetime | None = None
) -> Proposal:
    """Say what putting a policy's text in force would do, now or from an instant ahead (aware, UTC).

    Raises ConfigError with the text's problems, or where no policy would be for everybody; UsageError for a start that
    has passed.
    """
    now = clock.now()
    change = Kept(body, start_of(now, start), _applied(actor))
    change.read()
    return _proposal(kept_policies(store), now, file, change)


def propose_withdrawal(
    store: Store, clock: Clock, file: PolicyFile, name: str, actor: Actor, start: datetime | None = None
) -> Proposal:
    """Say what ending a policy would do. Errors as for `propose`, and UsageError for one that isn't in force."""
    now, kept = clock.now(), kept_policies(store)
    last = _newest([*kept, *taken_from_file(kept, file, now)])
    standing = [known for known, one in last.items() if not one.withdrawn]
    if name not in standing:
        raise UsageError(f"There is no policy named {name!r} to withdraw; there is: {', '.join(standing)}.")
    proposal = _proposal(kept, now, file, _withdrawal(name, start_of(now, start), _applied(actor)))
    ends = proposal.change.in_force_from
    to_come = [one for one in kept if one.name == name and one.in_force_from > ends and not one.withdrawn]
    cancelled = (_withdrawal(name, one.in_force_from, _applied(actor)) for one in to_come)
    return replace(proposal, taken=(*proposal.taken, *cancelled))


def _applied(actor: Actor) -> Actor:
    return Actor(actor.kind, actor.id, APPLIED)


def start_of(now: datetime, start: datetime | None) -> datetime:
    """Give when a version begins: now where nothing else was said. Raises UsageError for a start that has passed."""
    if start is not None and start < now:
        raise UsageError("A policy comes into force now or later: give a moment that is still to come.")
    return start or now


def _proposal(kept: Sequence[Kept], now: datetime, file: PolicyFile, change: Kept) -> Proposal:
    """The file's own text isn't taken by itself beside a version of the same policy that a person applies."""
    from_file = taken_from_file(kept, file, now)
    taken = tuple(one for one in from_file if one.name != change.name)
    _refuse_gaps([*kept, *taken, change], now)
    start, otherwise = change.in_force_from, [*kept, *from_file]
    last = _newest(otherwise, start).get(change.name)
    stands = last is not None and last.body == change.body
    return Proposal(change, taken, policies_at(otherwise, start), policies_at([*kept, *taken, change], start), stands)


def _refuse_gaps(kept: Sequence[Kept], now: datetime, where: str = "") -> None:
    """Have a policy for everybody now and whenever another version comes into force."""
    for at in sorted({now, *(one.in_force_from for one in kept if one.in_force_from > now)}):
        try:
            policies_at(kept, at)
        except ConfigError as error:
            raise ConfigError([f"{where}{problem}" for problem in error.problems]) from None


def keep_proposal(store: Store, clock: Clock, proposal: Proposal) -> Kept:
    """Put it in force and have every link decided again; what stays the same isn't kept again. Gives what was kept.

    It starts now where its start has passed since, while somebody thought about it. Raises ConfigError where meanwhile
    somebody else's change would leave no policy for everybody.
    """
    now = clock.now()
    versions = [replace(one, in_force_from=max(one.in_force_from, now)) for one in (*proposal.taken, proposal.change)]
    with store.write():
        _refuse_gaps([*kept_policies(store), *versions], now)
        _keep(store, versions, now)
    return versions[-1]


def _keep(store: Store, versions: Iterable[Kept], now: datetime) -> None:
    for one in versions:
        store.append([_ruleset(one, now)], actor=one.author, recorded_at=now)
    store.touch_all()


def _ruleset(one: Kept, now: datetime) -> Ruleset:
    return Ruleset(
        hash=one.hash,
        kind=POLICY,
        body=one.body,
        in_force_from=one.in_force_from,
        occurred_at=now,
        source_key=f"ruleset:{POLICY}:{one.hash}:{instant_to_text(one.in_force_from)}:{instant_to_text(now)}",
    )


def notice_starts(store: Store, clock: Clock) -> bool:
    """Have every link decided again where a version has come into force since the last time that this was asked."""
    now, last = clock.now(), last_success(store, JOB)
    began = last is not None and any(last < one.in_force_from <= now for one in store.rulesets(POLICY))
    if began or last is None:
        with store.write():
            if began:
                store.touch_all()
            store.record_success(JOB, now)
    return began


def tag_words(store: Store, now: datetime) -> frozenset[str]:
    """Give the tags that policies in force name, or such as are to come: the only ones that are kept of a ticket."""
    rulesets = store.rulesets(POLICY)
    current = {_name(one.body): one for one in rulesets if one.in_force_from <= now}
    to_come = [one for one in rulesets if one.in_force_from > now]
    tables = (_data(one.body).get(APPLIES_TO) for one in (*current.values(), *to_come))
    return frozenset(word for table in tables if isinstance(table, dict) for word in table.get("tag", ()))


def find_version(kept: Iterable[Kept], typed: str, listed: str) -> Kept:
    """Find a version by its hash or the beginning of it; `listed` says where versions are listed.

    Raises UsageError where that names none, or several.
    """
    found = {one.hash: one for one in kept if typed and one.hash.startswith(typed) and not one.withdrawn}
    if len(found) != 1:
        which = f"begins several versions: {', '.join(found)}" if found else "is no version that is kept"
        raise UsageError(f"{typed!r} {which}; {listed} lists them.")
    return next(iter(found.values()))


@dataclass(frozen=True, slots=True)
class Change:
    """What a version changes of the one before it: its rules by id, and the tables whose values differ."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A version in its policy's history; `change` is none for the first, and where a text can't be read any more."""

    kept: Kept
    in_force: bool
    change: Change | None


def history(kept: Sequence[Kept], now: datetime, name: str = "") -> tuple[Entry, ...]:
    """Give the versions of a policy, or of all, the newest first. Raises UsageError for a name that never was."""
    names = _newest(kept)
    if name and name not in names:
        raise UsageError(f"There never was a policy named {name!r}; there is: {', '.join(names) or 'none yet'}.")
    current, before, entries = _newest(kept, now), dict[str, Kept](), list[Entry]()
    for one in kept:
        if not name or one.name == name:
            is_current = current.get(one.name) is one and not one.withdrawn
            entries.append(Entry(one, is_current, _change(before.get(one.name), one)))
        before[one.name] = one
    return tuple(reversed(entries))


def _change(before: Kept | None, after: Kept) -> Change | None:
    if before is None or before.withdrawn or after.withdrawn:
        return None
    try:
        old, new = before.read(), after.read()
    except ConfigError:
        return None
    tables = tuple(table for table in TABLES if getattr(old.policy, table) != getattr(new.policy, table))
    scope = () if old.applies_to == new.applies_to else (APPLIES_TO,)
    return _rules_changed(old.policy, new.policy, (*scope, *tables))


def _rules_changed(old: Policy, new: Policy, tables: tuple[str, ...]) -> Change:
    were, are = ({rule.id: rule for rule in policy.rules} for policy in (old, new))
    return Change(
        added=tuple(rule_id for rule_id in are if rule_id not in were),
        removed=tuple(rule_id for rule_id in were if rule_id not in are),
        changed=tuple(rule_id for rule_id in are if rule_id in were and are[rule_id] != were[rule_id]),
        tables=tables,
    )
