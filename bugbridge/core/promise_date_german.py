"""German words for dates by which something is promised."""

from bugbridge.core.promise_date_words import (
    SHARED_FORMS,
    Edge,
    Form,
    Kind,
    Lexicon,
    Needs,
    Part,
    Place,
    Unit,
    Which,
    with_plain_spellings,
)

# "So" for Sunday is left out: it is a word of nearly every sentence.
WEEKDAYS = {
    "montag": 0,
    "dienstag": 1,
    "mittwoch": 2,
    "donnerstag": 3,
    "freitag": 4,
    "samstag": 5,
    "sonnabend": 5,
    "sonntag": 6,
    "mo": 0,
    "di": 1,
    "mi": 2,
    "do": 3,
    "fr": 4,
    "sa": 5,
}
MONTHS = {
    "januar": 1,
    "jänner": 1,
    "februar": 2,
    "märz": 3,
    "april": 4,
    "mai": 5,
    "juni": 6,
    "juli": 7,
    "august": 8,
    "september": 9,
    "oktober": 10,
    "november": 11,
    "dezember": 12,
    "jan": 1,
    "feb": 2,
    "mär": 3,
    "apr": 4,
    "jun": 6,
    "jul": 7,
    "aug": 8,
    "sep": 9,
    "sept": 9,
    "okt": 10,
    "nov": 11,
    "dez": 12,
}
NEAR_DAYS = {
    "heute": (0, None),
    "morgen": (1, None),
    "übermorgen": (2, None),
}
COUNTS = {
    **dict.fromkeys(("ein", "eine", "einem", "einen", "einer", "eines"), 1),
    "zwei": 2,
    "drei": 3,
    "vier": 4,
    "fünf": 5,
    "sechs": 6,
    "sieben": 7,
    "acht": 8,
    "neun": 9,
    "zehn": 10,
    "zwölf": 12,
    "vierzehn": 14,
    "fünfzehn": 15,
    "zwanzig": 20,
    "vierundzwanzig": 24,
    "dreißig": 30,
    "achtundvierzig": 48,
    "zweiundsiebzig": 72,
}
UNITS = {
    "halben stunde": (Unit.MINUTES, 30),
    **dict.fromkeys(("minute", "minuten", "min"), (Unit.MINUTES, 1)),
    **dict.fromkeys(("stunde", "stunden", "std", "h"), (Unit.HOURS, 1)),
    **dict.fromkeys(("tag", "tage", "tagen", "tages"), (Unit.DAYS, 1)),
    **{
        f"{kind}{ending}": (Unit.BUSINESS_DAYS, 1)
        for kind in ("werktag", "arbeitstag", "geschäftstag")
        for ending in ("", "e", "en", "es")
    },
    **dict.fromkeys(("woche", "wochen"), (Unit.WEEKS, 1)),
    **dict.fromkeys(("monat", "monate", "monaten", "monats"), (Unit.MONTHS, 1)),
}
PARTS = {
    **dict.fromkeys(("morgen", "früh", "vormittag", "vormittags"), Part.MORNING),
    **dict.fromkeys(("mittag", "mittags"), Part.NOON),
    **dict.fromkeys(("nachmittag", "nachmittags"), Part.AFTERNOON),
    **dict.fromkeys(("abend", "abends", "nacht", "mitternacht"), Part.EVENING),
}
EDGES = {
    **dict.fromkeys(("anfang", "beginn"), Edge.EARLY),
    "mitte": Edge.MIDDLE,
    "ende": Edge.END,
}
PLACES = {
    **dict.fromkeys(("bis", "bis zum", "zum", "vor", "vor dem", "vorm"), Place.BEFORE),
    **dict.fromkeys(("am", "an", "im", "übers", "über das"), Place.DURING),
    "nach dem": Place.AFTER,
}
ENDINGS = ("e", "en", "er", "em", "es")
WHICH = {
    **{f"dies{ending}": Which.THIS for ending in ENDINGS},
    **{f"{stem}{ending}": Which.COMING for stem in ("nächst", "kommend") for ending in ENDINGS},
    **{f"übernächst{ending}": Which.AFTER_NEXT for ending in ENDINGS},
}

SHORT = 2  # letters of a short weekday
AHEAD = (
    "(?:in|innerhalb(?: von)?|binnen|innert)"
    r"(?: (?:etwa|ca\.?|circa|ungefähr|rund|spätestens|maximal|höchstens|weniger als))?"
    "(?: (?:den|der|des)(?: (?:nächsten|naechsten|kommenden|folgenden))?)?"
)
# What counts from an event is no date yet: "innerhalb von zwei Tagen nach der Freigabe".
FROM_NOW = r"(?! (?:nach|ab|seit)(?! (?:heute|jetzt|sofort)|\w))"
PART_HERE = "(?: ?(?P<part>morgen|früh|vormittag|mittag|nachmittag|abend|nacht))?"
LONG_WEEKDAYS = "|".join(name for name in WEEKDAYS if len(name) > SHORT)
SHORT_WEEKDAYS = "|".join(name for name in WEEKDAYS if len(name) == SHORT)
CLOSE = "feierabend|tagesende|arbeitsende|dienstschluss|geschäftsschluss|büroschluss|ende des (?:arbeits)?tages|eod"

GERMAN = Lexicon(
    weekdays=WEEKDAYS,
    months=with_plain_spellings(MONTHS),
    near_days=with_plain_spellings(NEAR_DAYS),
    counts=with_plain_spellings(COUNTS),
    units=with_plain_spellings(UNITS),
    parts=with_plain_spellings(PARTS),
    edges=EDGES,
    places=with_plain_spellings(PLACES),
    which=with_plain_spellings(WHICH),
    doubtful=frozenset(),
    leads=(
        "(?:spätestens )?(?:bis(?: spätestens| einschließlich| inklusive)?(?: zum| am| um)?|am|zum|um|gegen|vor|vorm)"
        "|spätestens"
    ),
    before=frozenset({"vor", "vorm"}),
    excluded=(
        "(?:(?:letzte|vergangene|vorige|jede)[nrms]?(?: woche)?"
        "|seit|vom|von|ab|nach|frühestens|nicht vor|zwischen|guten?)(?: am| um)?"
    ),
    articles="dem|den|der",
    tails="(?:letzter|vergangener|letzte|vergangene) woche|oder später|frühestens",
    joins="um|am|an|in",
    alternatives="oder",
    forms=(
        *SHARED_FORMS,
        Form(Kind.WEEKDAY, rf"(?:WHICH )?(?P<weekday>{LONG_WEEKDAYS}){PART_HERE}"),
        Form(
            Kind.WEEKDAY, rf"(?P<weekday>{SHORT_WEEKDAYS})(?:\.(?=,? (?:[0-9]|den |dem |um |bis |gegen )))?", Needs.LEAD
        ),
        Form(Kind.WEEKDAY, f"im laufe des (?P<weekday>{LONG_WEEKDAYS})s"),
        Form(Kind.DATE, r"DAY\.? ?MONTH(?:\.(?= [0-9]))?(?: YEAR)?"),
        Form(Kind.DATE, r"DAY\.(?P<month_number>0[1-9]|1[0-2])", Needs.LEAD),
        Form(Kind.DATE, r"DAY\.(?=[,;:!?)\n]|\Z)", Needs.LEAD),
        Form(Kind.NEAR_DAY, f"NEAR_DAY{PART_HERE}(?! zusammen|!)"),
        Form(Kind.AHEAD, f"{AHEAD} COUNT ?UNIT{FROM_NOW}"),
        Form(Kind.AHEAD, f"{AHEAD} COUNT(?: ?(?:-|\u2013|/) ?| (?:bis|oder) )UP_TO ?UNIT{FROM_NOW}"),
        Form(Kind.AHEAD, f"(?:in|innerhalb|binnen) der nächsten (?P<unit>halben stunde|stunde){FROM_NOW}"),
        Form(Kind.AHEAD, "(?:am )?nächsten (?P<unit>(?:werk|arbeits|geschäfts)tag)"),
        Form(Kind.WEEK, "(?:EDGE )?(?:der )?WHICH woche"),
        Form(Kind.WEEK, "EDGE der woche|im laufe der woche"),
        Form(Kind.MONTH, "EDGE (?:des )?(?:WHICH )?monats"),
        Form(Kind.MONTH, "WHICH monat|monatsende|im laufe des monats"),
        Form(Kind.MONTH, "EDGE MONTH(?: YEAR)?(?! [0-9])"),
        Form(Kind.MONTH, "(?P<place>im|bis|vor) MONTH(?: YEAR)?(?! [0-9])"),
        Form(Kind.YEAR, "jahresende|ende (?:des|dieses) jahres"),
        Form(Kind.WEEKEND, "PLACE (?:WHICH )?wochenende"),
        Form(Kind.WEEKEND, "WHICH wochenende"),
        Form(Kind.TIME, "HOUR(?:[:.]MINUTE)? ?uhr(?: ZONE)?", Needs.LEAD),
        Form(Kind.TIME, "HOUR:MINUTE(?: ZONE)?", Needs.LEAD),
        Form(Kind.TIME, r"(?<=um\x20)HOUR(?![:.,%/]?[0-9]|%| (?:prozent|UNIT_NAME)(?!\w))", Needs.DAY),
        Form(Kind.TIME, "(?:am|zum) (?P<part>morgen)"),
        Form(Kind.TIME, "(?P<part>vormittag|mittag|nachmittag|abend|mitternacht)", Needs.LEAD),
        Form(Kind.TIME, "im laufe des (?P<part>vormittags|nachmittags|abends)"),
        Form(Kind.TIME, f"im laufe des tages|{CLOSE}"),
    ),
)
