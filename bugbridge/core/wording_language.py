"""Which language a reply is in, told by its most common words; rules are only asked about their own language."""

import re
from collections import Counter
from collections.abc import Mapping

from bugbridge.core.html_characters import readable
from bugbridge.core.wording_model import Wording
from bugbridge.core.wording_patterns import plainly_spelt
from bugbridge.core.wording_prose import own_prose

UNKNOWN = ""
WORD = re.compile(r"\b[^\W\d_]+\b")
# A text in a language of the list holds far more common words; below it nobody knows what it is.
LEAST_SHARE = 0.1
# Shorter texts may do without any common word ("Fixed!").
SHORT = 6
# A language is clearly another one where this many common words are its own, and twice as many as the named one's.
CLEAR = 3
LAST_LATIN = "\u024f"
LATIN_ADDITIONAL = ("\u1e00", "\u1eff")

# The words that texts can hardly do without, and those of greetings and thanks.
COMMON_WORDS: Mapping[str, str] = {
    "en": "the a an to of and is are was were be been it this that these those you your we our us i my me they "
    "their them he she for in on at by from with not no can could will would should may might must have "
    "has had do does did don if when what which who how why where there here than then so but or as about "
    "after again all any because before both just more most now only other out over some still such too "
    "up very also its ve ll re please thank thanks sorry hi hello hey yes let get",
    "de": "der die das den dem des ein eine einen einem einer eines und oder aber nicht kein keine ist sind war "
    "waren wird werden wurde wurden haben hat hatte sein kann können könnte sollte muss müssen mit von zu "
    "zum zur für auf aus bei nach vor über unter durch ohne um als wie wenn dass daß weil ob ich du er "
    "sie es wir ihr uns euch ihnen ihre ihren ihrem unser unsere mein meine dies diese diesen dieser "
    "dieses auch noch nur schon sehr so dann jetzt hier da was wer wo bitte danke dank hallo guten leider "
    "gerne in im am an ja nein sich mal bis",
    "fr": "le la les un une des du de et ou mais est sont était être été ai as a avons avez ont je tu il elle "
    "nous vous ils elles on ce cet cette ces mon ma mes notre nos votre vos leur leurs ne pas plus que "
    "qui quoi dont où dans sur sous pour par avec sans en au aux si comme quand très bien aussi fait "
    "faire peut pouvez bonjour merci désolé l d c j n s qu y",
    "es": "el la los las un una unos unas de del y o pero es son está están era ser fue ha han hay he hemos yo "
    "tú él ella nosotros ustedes usted le les lo se su sus mi nuestro nuestra este esta esto estos ese "
    "esa no más que quien cuando donde como en con sin por para a al si muy también puede pueden hola "
    "gracias favor siento ya te nos",
    "it": "il lo la gli le un uno una di del della dei delle e o ma è sono era essere stato ha hanno ho abbiamo "
    "avete io tu lui lei noi voi loro mi ti ci vi si suo sua nostro questo questa questi quello non più "
    "che chi quando dove come in nel nella con senza per a al alla da dal su sul se molto anche può "
    "grazie ciao buongiorno prego",
    "pt": "o a os as um uma uns umas de do da dos das e ou mas é são está estão era ser foi tem têm há eu tu "
    "ele ela nós você vocês eles se seu sua meu minha nosso nossa este esta isto esse essa isso não mais "
    "que quem quando onde como em no na nos nas com sem por para ao à muito também pode podem olá "
    "obrigado obrigada favor já lhe",
    "nl": "de het een en of maar is zijn was waren wordt worden werd heeft hebben had ik je jij u hij zij ze we "
    "wij jullie mijn uw ons onze dit dat deze die niet geen meer wel ook nog al naar van voor met zonder "
    "op aan bij uit in door over om als dan wat wie waar hoe kan kunt kunnen zal moet er te tot hallo "
    "dank bedankt graag helaas",
    "pl": "i w we z ze na do od dla o po za przez przy nie tak jest są był była było być ma mam mamy się to ten "
    "ta te tego tej tym że który która które co kto jak kiedy gdzie czy ale lub oraz już jeszcze tylko "
    "także może można bardzo pan pani państwo proszę dziękuję dziękujemy witam dzień dobry jeśli aby",
    "sv": "och att det är som en ett i på av för med inte den de till har du jag vi ni han hon om men så var "
    "kan ska från vid när eller nu också bara mycket här där vad hur er vår tack hej detta denna",
    "da": "og at det er som en et i på af for med ikke den de til har du jeg vi han hun om men så var kan skal "
    "fra ved når eller nu også kun meget her der hvad hvordan jeres vores tak hej dette denne",
    "cs": "a se na je to že v ve s z do o pro za by byl byla jsou jsme není ale jak tak jako když nebo už ještě "
    "také jen pouze můžete může prosím děkujeme děkuji dobrý den který která které tento tato toto nám "
    "vám vás",
    "tr": "bir ve bu da de için ile çok ama daha gibi kadar olarak olan var yok değil mi ne ben sen biz siz o "
    "şu her en sonra önce lütfen teşekkürler teşekkür ederiz merhaba",
    "fi": "ja on ei se että en hän oli olla ovat ole mutta tai kun jos niin kuin myös vain nyt tämä tätä joka "
    "mitä me te he minä sinä kiitos hei voi voit olemme teidän meidän",
    "ro": "și si în la cu de pe din nu este sunt a fost care ce că să se o un pentru mai dar sau dacă când "
    "foarte vă ne mulțumim mulțumesc bună ziua rog",
}
BUILT_IN: Mapping[str, frozenset[str]] = {
    language: frozenset(plainly_spelt(words).split()) for language, words in COMMON_WORDS.items()
}


def language_of(text: str, wordings: Mapping[str, Wording], otherwise: str) -> str:
    """Give the tag of the language that a reply is in, or `UNKNOWN`; where nothing tells, the team's, `otherwise`."""
    words = _words(text)
    told = _told(words, _found(words, wordings))
    if told:
        return max(told, key=lambda language: (language == otherwise, language in wordings, language))
    return otherwise if len(words) < SHORT and _is_latin(words) else UNKNOWN


def is_told(text: str, language: str, wordings: Mapping[str, Wording]) -> bool:
    """Whether a reply's own words tell that it is in a language and in no other; "Fixed in 4.2" may be in several."""
    words = _words(text)
    return _told(words, _found(words, wordings)) == frozenset({language})


def clearly_another(text: str, language: str, wordings: Mapping[str, Wording]) -> str:
    """Give the language that a reply's own words clearly tell where it isn't the one that was named, else `UNKNOWN`."""
    words = _words(text)
    found = _found(words, wordings)
    told = _told(words, found)
    if len(told) != 1:
        return UNKNOWN
    (best,) = told
    return best if best != language and found[best] >= max(CLEAR, 2 * found.get(language, 0)) else UNKNOWN


def primary_tag(tag: str) -> str:
    """Give the language of a tag that also names a place or a script: "de" of "de-AT" or "de_AT"."""
    return tag.strip().replace("_", "-").partition("-")[0].lower()


def _words(text: str) -> list[str]:
    return WORD.findall(plainly_spelt(own_prose(readable(text).text).lower()))


def _found(words: list[str], wordings: Mapping[str, Wording]) -> Mapping[str, int]:
    """Give how many of the words each language has."""
    times = Counter(words)
    every = _common_words(wordings).items()
    return {language: sum(times[word] for word in times.keys() & common) for language, common in every}


def _told(words: list[str], found: Mapping[str, int]) -> frozenset[str]:
    """Give the languages that have most of the words, if that is enough of them."""
    most = max(found.values())
    enough = bool(words) and most >= max(1, LEAST_SHARE * len(words))
    return frozenset(language for language, hits in found.items() if hits == most) if enough else frozenset()


def _common_words(wordings: Mapping[str, Wording]) -> Mapping[str, frozenset[str]]:
    own = {language: frozenset(map(plainly_spelt, wording.common_words)) for language, wording in wordings.items()}
    return {**BUILT_IN, **{language: BUILT_IN.get(language, frozenset()) | words for language, words in own.items()}}


def _is_latin(words: list[str]) -> bool:
    """Whether most letters are Latin ones; so it is where there are none."""
    letters = "".join(words)
    latin = sum(letter <= LAST_LATIN or LATIN_ADDITIONAL[0] <= letter <= LATIN_ADDITIONAL[1] for letter in letters)
    return 2 * latin >= len(letters)
