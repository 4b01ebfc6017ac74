"""In which language a reply is written, as far as its commonest words tell."""

from collections.abc import Mapping

from bugbridge.core.wording_model import Wording
from bugbridge.core.wording_text import own_prose, sentences

LEAST_SHARE = 0.15  # of the words; ordinary prose has about twice as many of its language's twenty commonest


def language_of(text: str, wordings: Mapping[str, Wording], otherwise: str) -> str:
    """Give the language whose common words make up the most of a reply, `otherwise` where too few do."""
    words = [word.text for sentence in sentences(own_prose(text), "") for word in sentence if word.text.isalpha()]
    counts = {name: sum(word in wording.common_words for word in words) for name, wording in wordings.items()}
    likely = max(counts, key=lambda name: counts[name], default="")
    return likely if counts and counts[likely] > LEAST_SHARE * len(words) else otherwise
