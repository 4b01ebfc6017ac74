"""The German rules against sentences written for the purpose, as support agents and maintainers write them."""

from collections import Counter

import pytest

from bugbridge.core.wording import check_reply, first_match, matcher_of, read_sentences
from bugbridge.core.wording_examples import failing_examples
from bugbridge.core.wording_model import Need, Rule, Scope, Situation
from tests.wording.scoring import DATA, labels_of, memorised, rows, score, shipped_wording

GERMAN = shipped_wording("de")
REPLIES = rows(DATA / "german_replies.jsonl")
GROUPS = sorted({row["group"] for row in REPLIES})
RULES = [rule for rule in GERMAN.rules if rule.scope is Scope.SENTENCE]
IDS = [rule.id for rule in RULES]
PROMISES = {"promise_solution", "promise_timeline", "conditional_promise"}


def found(text: str, situation: Situation | None = None) -> set[str]:
    """The rules that find something in a reply."""
    return {finding.rule for finding in check_reply(text, GERMAN, situation or Situation())}


def test_the_sentences_are_many_and_of_every_kind() -> None:
    """Two in five are fine as they are, and each rule has ten sentences and more."""
    labelled = Counter(label for row in REPLIES for label in row["labels"])
    assert len(REPLIES) >= 120
    assert 0.4 <= labelled["ok"] / len(REPLIES) <= 0.5
    assert all(labelled[rule] >= 10 for rule in IDS)


def test_german_has_the_rules_of_english() -> None:
    """The same ids: a rule that is switched off or made milder is so in both."""
    shared = {rule.id for rule in shipped_wording("en").rules}
    assert {rule.id for rule in GERMAN.rules} >= shared


@pytest.mark.parametrize("group", GROUPS)
def test_in_every_group_the_rules_agree_with_people(group: str) -> None:
    """A group has one voice: formal or chatty, a shop's, a maintainer's, a learner's; micro-F1 is 0.75 or more."""
    assert score([row for row in REPLIES if row["group"] == group], GERMAN).f1 >= 0.75


def test_on_the_whole_nine_of_ten_are_right() -> None:
    """Over all groups, micro-F1 is 0.90 or more."""
    assert score(REPLIES, GERMAN).f1 >= 0.90


@pytest.mark.parametrize("rule", IDS)
def test_each_rule_is_precise_and_finds_most(rule: str) -> None:
    """At least 0.85 of its findings are right, and it finds at least 0.75 of what there is."""
    total = score(REPLIES, GERMAN)
    assert (total.precision(rule) >= 0.85, total.recall(rule) >= 0.75) == (True, True)


def test_every_rule_holds_its_own_examples() -> None:
    """It finds its bad ones, leaves its good ones alone, and every pattern is in one of them."""
    assert failing_examples(GERMAN) == ()


def test_no_example_is_a_sentence_of_the_corpus() -> None:
    """What a rule is judged by isn't what it was written from."""
    corpus = {row["text"] for row in REPLIES}
    examples = {example.text for rule in GERMAN.rules for example in (*rule.good, *rule.bad)}
    assert examples & corpus == set()


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_no_pattern_was_made_for_one_sentence(rule: Rule) -> None:
    """A pattern that matches one sentence of the corpus alone has to match one of its rule's own examples too."""
    corpus = [row["text"] for row in REPLIES]
    good, bad = ([example.text for example in kept] for kept in (rule.good, rule.bad))
    kinds = ((rule.match, bad), *((frames, [*good, *bad]) for frames in (rule.unless, rule.without, rule.next_step)))
    assert memorised(kinds, corpus, GERMAN) == []


# A promise, the same denied, and the same asked.
FRAMES = [
    (
        "promise_solution",
        "Wir werden die Anzeige reparieren.",
        "Wir werden die Anzeige nicht reparieren.",
        "Werden wir die Anzeige reparieren?",
    ),
    (
        "promise_solution",
        "Die Anzeige wird repariert.",
        "Die Anzeige wird nicht repariert.",
        "Wird die Anzeige repariert?",
    ),
    ("promise_solution", "Das beheben wir.", "Das beheben wir nicht.", "Beheben wir das?"),
    (
        "promise_solution",
        "Den Filter bauen wir wieder ein.",
        "Den Filter bauen wir nicht wieder ein.",
        "Bauen wir den Filter wieder ein?",
    ),
    (
        "promise_timeline",
        "Das Update kommt nächste Woche.",
        "Das Update kommt nicht nächste Woche.",
        "Kommt das Update nächste Woche?",
    ),
    (
        "promise_timeline",
        "Am Montag rollen wir die Änderung aus.",
        "Am Montag rollen wir die Änderung nicht aus.",
        "Rollen wir die Änderung am Montag aus?",
    ),
    (
        "conditional_promise",
        "Wir melden uns bei Ihnen zurück.",
        "Wir melden uns nicht bei Ihnen zurück.",
        "Sollen wir uns bei Ihnen zurückmelden?",
    ),
    (
        "conditional_promise",
        "Ich gebe Ihnen dann Bescheid.",
        "Ich gebe Ihnen dann keinen Bescheid.",
        "Soll ich Ihnen dann Bescheid geben?",
    ),
    ("hedge", "Das liegt vermutlich am Netz.", None, "Liegt das vermutlich am Netz?"),
    ("hedge", "Der Druck sollte jetzt klappen.", None, "Sollte der Druck jetzt klappen?"),
    (
        "ease",
        "Die Umstellung ist ganz einfach.",
        "Die Umstellung ist nicht ganz einfach.",
        "Ist die Umstellung ganz einfach?",
    ),
    (
        "ease",
        "Sie können das problemlos ändern.",
        "Sie können das nicht problemlos ändern.",
        "Können Sie das problemlos ändern?",
    ),
    ("blame", "Der Fehler liegt an Ihnen.", "Der Fehler liegt nicht an Ihnen.", None),
]


@pytest.mark.parametrize(("rule", "said", "denied", "asked"), FRAMES, ids=[row[1] for row in FRAMES])
def test_what_is_denied_or_asked_is_not_said(rule: str, said: str, denied: str | None, asked: str | None) -> None:
    """A frame is found; its negation and its question aren't, where the language has them."""
    assert rule in found(said)
    assert [other for other in (denied, asked) if other and rule in found(other)] == []


@pytest.mark.parametrize(
    "said",
    [
        "Ich schreibe Ihnen bis Freitag, den 12. Juni, wieder, auch wenn es nichts Neues gibt.",
        "Bis zum 12.6. melde ich mich wieder bei Ihnen.",
        "Am Montag gebe ich dir Bescheid, wie weit wir sind.",
        "Falls sich daran etwas ändert, melde ich mich.",
        "Wenn sich das ändert, gebe ich Ihnen Bescheid.",
        "Schicken Sie mir bitte das Protokoll, damit wir den Fehler beheben können.",
        "Wir haben den Fehler am Dienstag behoben.",
        "Die Entwickler dort wollen das in 8.9 beheben.",
        "Wir können nicht versprechen, dass wir das nächste Woche beheben.",
    ],
)
def test_a_dated_message_a_condition_a_purpose_and_a_fact_promise_nothing(said: str) -> None:
    """Information with a date is what should be promised; purposes, past facts and other people's plans are none."""
    assert found(said) & PROMISES == set()


@pytest.mark.parametrize(
    "said",
    [
        "Ihr Zugang wird in 15 Minuten freigeschaltet.",
        "Ihre Bestellung kommt am Mittwoch.",
        "Wir schalten Ihr Konto morgen frei.",
        "Die Schulung wird im Herbst fortgesetzt.",
        "Unsere Kollegin ist nächste Woche wieder da.",
        "Ich hake nach und gebe Ihnen bis Dienstag Bescheid.",
        "Die Sicherung wird beim nächsten Start repariert.",
    ],
)
def test_a_date_of_what_was_ordered_of_people_or_routine_promises_no_bug(said: str) -> None:
    """When an account, a parcel, a course or a person comes, or when word comes, is no timeline of a bug."""
    assert found(said) == set()


@pytest.mark.parametrize(
    ("said", "rules"),
    [
        ("Die Kollegen wollen das im nächsten Sprint angehen.", {"promise_solution", "promise_timeline"}),
        ("Version 5.2 wird den Absturz beheben.", {"promise_solution", "promise_timeline"}),
        ("Mit dem nächsten Release ist das behoben.", {"promise_timeline"}),
        ("Voraussichtlich im August ist es soweit.", {"promise_timeline"}),
        ("Die Änderung ist für Juli geplant.", {"promise_timeline"}),
        ("Das sollte bis Ende Juni erledigt sein.", {"promise_solution", "promise_timeline", "hedge"}),
        ("Ein Hotfix ist unterwegs.", {"promise_solution"}),
        ("Das liegt leider an Ihrer Konfiguration.", {"blame"}),
        ("Der Fehler liegt nicht bei uns.", {"blame"}),
    ],
)
def test_plans_and_versions_are_promises_as_much_as_people_are(said: str, rules: set[str]) -> None:
    """Who does it may be a version, a sprint or nobody: what is said of it, and when, is what counts."""
    assert found(said) == rules


@pytest.mark.parametrize(
    ("umlauts", "without"),
    [
        ("Das Update kommt nächste Woche.", "Das Update kommt naechste Woche."),
        ("Jetzt müsste es gehen.", "Jetzt muesste es gehen."),
        ("Dafür müssen Sie bloß den Haken setzen.", "Dafuer muessen Sie bloss den Haken setzen."),
    ],
)
def test_umlauts_may_be_typed_without_their_keys(umlauts: str, without: str) -> None:
    """Who has no umlauts on the keyboard is understood all the same."""
    assert found(umlauts) == found(without) != set()


def test_a_timeline_is_fine_once_the_release_is_planned() -> None:
    """Fixed and planned, the date is a fact; fixed alone, it is a promise that nobody has planned."""
    row = {"text": "Der Filter erscheint am 9. Juni mit Version 4.2.", "labels": ["promise_timeline"], "group": ""}
    states = ("open", "fixed", "fixed_release_planned")
    assert [score([{**row, "state": state}], GERMAN).right.total() for state in states] == [1, 1, 0]
    assert labels_of(row) == {"promise_timeline"}


@pytest.mark.parametrize(
    ("need", "lacking", "having"),
    [
        (Need.WORKAROUND_UNSENT, "Wir untersuchen das.", "Speichern Sie die Liste bis dahin als CSV."),
        (Need.WORKAROUND_UNSENT, "Bis Montag wissen wir mehr.", "Stattdessen hilft Folgendes: der alte Drucker."),
        (Need.FIRST_REPLY, "Wir kennen das.", "Danke für Ihre Meldung."),
        (Need.NEXT_DATE_DUE, "Es gibt nichts Neues.", "Ich melde mich bis zum 12. Juni wieder."),
    ],
)
def test_a_whole_reply_can_lack_something(need: Need, lacking: str, having: str) -> None:
    """The workaround that the customer wasn't sent, thanks in the first reply, the date of the next update."""
    situation = Situation(**{need.value: True})
    rule = next(rule.id for rule in GERMAN.rules if rule.needs is need)
    assert (rule in found(lacking, situation), rule in found(having, situation)) == (True, False)
    assert rule not in found(lacking)


def test_what_the_rules_suggest_raises_no_alarm() -> None:
    """A better sentence has to be one."""
    assert [rule.id for rule in GERMAN.rules if found(rule.suggest)] == []


@pytest.mark.parametrize(
    "day", ["Freitag", "Freitag, den 12. Juni", "12. Juni", "12.6.", "nächsten Dienstag", "Ende der Woche"]
)
def test_a_suggestion_with_its_day_filled_in_raises_no_alarm(day: str) -> None:
    """Whoever takes the suggestion puts a day where [Tag] stands."""
    filled = [rule.suggest.replace("[Tag]", day) for rule in GERMAN.rules if "[Tag]" in rule.suggest]
    assert filled
    assert [text for text in filled if found(text)] == []


@pytest.mark.parametrize(
    ("said", "event"),
    [
        ("Ich gebe Ihnen Bescheid, sobald die Korrektur erschienen ist.", "released"),
        ("Wir melden uns, wenn die neue Version verfügbar ist.", "released"),
        ("Sobald der Fehler behoben ist, schreibe ich Ihnen.", "fixed"),
        ("Wenn wir das repariert haben, sage ich dir Bescheid.", "fixed"),
        ("Ich melde mich, sobald wir einen Workaround haben.", "workaround"),
        ("Sobald es etwas Neues gibt, melde ich mich.", "news"),
        ("Wenn sich das ändert, gebe ich Ihnen Bescheid.", "news"),
    ],
)
def test_a_promise_names_the_event_it_waits_for(said: str, event: str) -> None:
    """A conditional promise is tied to the event named in its sentence."""
    [sentence] = read_sentences(said, GERMAN)
    matcher = matcher_of(sentence, GERMAN)
    assert first_match(GERMAN.promises.dated, matcher)
    assert [name for name, frames in GERMAN.promises.events.items() if first_match(frames, matcher)] == [event]


@pytest.mark.parametrize(
    ("said", "promises"),
    [
        ("Ich melde mich bis Freitag.", True),
        ("Spätestens am 3. Juli hören Sie wieder von mir.", True),
        ("Ich schaue mir das bis Montag an.", False),
        ("Ich kann Ihnen bis Freitag keine Rückmeldung geben.", False),
        ("Bitte melden Sie sich bis Freitag.", False),
        ("Ich habe Ihnen am Freitag geschrieben.", False),
    ],
)
def test_who_promises_to_write_again(said: str, *, promises: bool) -> None:
    """Agents promise to write or to tell; a mere look, and what they ask of customers, deny or did, is no promise."""
    [sentence] = read_sentences(said, GERMAN)
    matcher = matcher_of(sentence, GERMAN)
    denied = first_match(GERMAN.promises.unless, matcher)
    assert bool(first_match(GERMAN.promises.dated, matcher) and not denied) is promises
