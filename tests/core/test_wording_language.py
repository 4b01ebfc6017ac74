"""Which language a reply is in, told by its words; nothing is guessed where they tell nothing."""

import json
from pathlib import Path

import pytest

from bugbridge.core.wording_language import WORD, clearly_another, is_told, language_of, primary_tag
from bugbridge.core.wording_model import Wording
from bugbridge.core.wording_prose import own_prose

WORDINGS = {tag: Wording(tag, frozenset(), {}, ()) for tag in ("en", "de")}
REPLIES = Path(__file__).parents[2].parent / "shared" / "data" / "replies.jsonl"


@pytest.mark.parametrize("otherwise", ["en", "de"])
@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Thanks for the report. We have found the cause and will let you know when there is news."),
        ("en", "Could you send us the log file, please?"),
        ("de", "Vielen Dank für Ihre Meldung. Wir haben die Ursache gefunden und melden uns bei Neuigkeiten."),
        ("de", "Koennen Sie uns bitte die Datei schicken?"),
        ("fr", "Merci pour votre message. Nous avons trouvé la cause et vous tiendrons au courant."),
        ("fr", "Pouvez-vous nous envoyer le fichier ?"),
        ("es", "Gracias por su mensaje. Hemos encontrado la causa y le avisaremos cuando haya novedades."),
        ("it", "Grazie per la segnalazione. Abbiamo trovato la causa e vi terremo aggiornati."),
        ("pt", "Obrigado pela sua mensagem. Encontramos a causa e avisaremos quando houver novidades para você."),
        ("nl", "Bedankt voor uw bericht. We hebben de oorzaak gevonden en laten het weten als er nieuws is."),
        ("pl", "Dziękujemy za zgłoszenie. Znaleźliśmy przyczynę i damy znać, gdy będzie coś nowego."),
        ("sv", "Tack för din rapport. Vi har hittat orsaken och hör av oss när det finns nyheter."),
        ("", "Спасибо за сообщение. Мы нашли причину и сообщим вам новости."),
        ("", "ご報告ありがとうございます。原因が見つかりました。"),
        ("", "شكرا على رسالتك. وجدنا السبب وسنخبرك."),
        ("", "Köszönjük szépen bejelentését, megtaláltuk okát, hamarosan jelentkezünk."),
    ],
)
def test_a_text_with_evidence_is_told_whatever_the_team_writes(language: str, text: str, otherwise: str) -> None:
    """Languages with rules, languages without, and those that nobody knows."""
    assert language_of(text, WORDINGS, otherwise) == language


@pytest.mark.parametrize("otherwise", ["en", "de", "fr"])
@pytest.mark.parametrize(
    "text", ["", "👍", "42", "Fixed!", "Version 2.3.1", "https://a.b/the/of/and", "`the and of is`"]
)
def test_without_evidence_it_is_the_teams_language(text: str, otherwise: str) -> None:
    """Code and addresses tell nothing."""
    assert language_of(text, WORDINGS, otherwise) == otherwise


@pytest.mark.parametrize(
    ("text", "told"),
    [("Fix kommt morgen.", False), ("Export in 4.2.", False), ("", False), ("Thanks, we have it.", True)],
)
def test_words_tell_a_language_where_no_other_has_as_many_of_them(text: str, *, told: bool) -> None:
    """ "in" is English and German alike."""
    assert is_told(text, "en", WORDINGS) is told
    assert is_told(text, "de", WORDINGS) is False


@pytest.mark.parametrize(
    ("text", "named", "clear"),
    [
        ("Wir haben das gefunden, und es ist noch offen.", "en", "de"),
        ("Wir haben das gefunden, und es ist noch offen.", "de", ""),
        ("Wir haben das.", "en", "de"),
        ("Fix kommt noch.", "en", ""),
        ("Export in 4.2.", "en", ""),
        ("The log of the server: der Dienst ist nicht da.", "en", ""),
        ("Wir haben das gefunden, und es ist noch offen.", "fi", "de"),
    ],
)
def test_another_language_is_clear_where_its_words_are_many_and_the_named_ones_few(
    text: str, named: str, clear: str
) -> None:
    """A quotation or a word that looks foreign is no reason to doubt whoever named the language."""
    assert clearly_another(text, named, WORDINGS) == clear


def test_quotes_dont_count() -> None:
    """An answer in German under a question in English is German."""
    assert language_of("> Is it fixed, or will it be in the next release?\n\nDas ist behoben.", WORDINGS, "en") == "de"


def test_a_file_brings_the_words_of_a_language_that_isnt_known() -> None:
    """A team that writes rules for a language says how it is told."""
    words = frozenset(["köszönjük", "hogy", "nem", "és", "szépen"])
    wordings = {**WORDINGS, "hu": Wording("hu", words, {}, ())}
    assert language_of("Köszönjük szépen, hogy jelentette.", wordings, "en") == "hu"


@pytest.mark.parametrize(
    ("tag", "primary"), [("de-AT", "de"), ("DE_at", "de"), ("zh-Hant-TW", "zh"), ("en", "en"), ("", "")]
)
def test_a_tag_names_a_language_first(tag: str, primary: str) -> None:
    """What else it names isn't needed."""
    assert primary_tag(tag) == primary


@pytest.mark.skipif(not REPLIES.exists(), reason="the shared replies are not beside this checkout")
def test_real_english_replies_are_english() -> None:
    """All are told by a team that writes English; those of six words and more also by one that writes German."""
    texts = [json.loads(line)["text"] for line in REPLIES.read_text("utf-8").splitlines()]
    longer = [text for text in texts if len(WORD.findall(own_prose(text))) >= 6]
    assert len(longer) > 200
    assert [text for text in texts if language_of(text, WORDINGS, "en") != "en"] == []
    assert [text for text in longer if language_of(text, WORDINGS, "de") != "en"] == []
