"""English words for dates by which something is promised."""

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
)

WEEKDAYS = {
    "monday": 0,
    "tuesday": 1,
    "wednesday": 2,
    "thursday": 3,
    "friday": 4,
    "saturday": 5,
    "sunday": 6,
    "mon": 0,
    "tue": 1,
    "tues": 1,
    "wed": 2,
    "weds": 2,
    "thu": 3,
    "thur": 3,
    "thurs": 3,
    "fri": 4,
    "sat": 5,
    "sun": 6,
}
MONTHS = {
    "january": 1,
    "february": 2,
    "march": 3,
    "april": 4,
    "may": 5,
    "june": 6,
    "july": 7,
    "august": 8,
    "september": 9,
    "october": 10,
    "november": 11,
    "december": 12,
    "jan": 1,
    "feb": 2,
    "mar": 3,
    "apr": 4,
    "jun": 6,
    "jul": 7,
    "aug": 8,
    "sep": 9,
    "sept": 9,
    "oct": 10,
    "nov": 11,
    "dec": 12,
}
COUNTS = {
    "a": 1,
    "an": 1,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "twelve": 12,
    "fourteen": 14,
    "fifteen": 15,
    "twenty": 20,
    "twenty-four": 24,
    "thirty": 30,
    "forty-five": 45,
    "forty-eight": 48,
    "seventy-two": 72,
}
UNITS = {
    "half an hour": (Unit.MINUTES, 30),
    **dict.fromkeys(("minute", "minutes", "min", "mins"), (Unit.MINUTES, 1)),
    **dict.fromkeys(("hour", "hours", "hr", "hrs", "h"), (Unit.HOURS, 1)),
    **dict.fromkeys(("day", "days"), (Unit.DAYS, 1)),
    **{
        f"{kind}{blank}{day}": (Unit.BUSINESS_DAYS, 1)
        for kind in ("business", "working", "work", "week")
        for day in ("day", "days")
        for blank in (" ", "")
    },
    **dict.fromkeys(("week", "weeks"), (Unit.WEEKS, 1)),
    **dict.fromkeys(("fortnight", "fortnights"), (Unit.WEEKS, 2)),
    **dict.fromkeys(("month", "months"), (Unit.MONTHS, 1)),
}
PARTS = {
    "morning": Part.MORNING,
    "first thing": Part.MORNING,
    "noon": Part.NOON,
    "midday": Part.NOON,
    "lunch": Part.NOON,
    "lunchtime": Part.NOON,
    "afternoon": Part.AFTERNOON,
    "evening": Part.EVENING,
    "night": Part.EVENING,
    "midnight": Part.EVENING,
}
EDGES = {
    **dict.fromkeys(("early", "beginning", "start"), Edge.EARLY),
    **dict.fromkeys(("mid", "middle"), Edge.MIDDLE),
    **dict.fromkeys(("late", "later", "end"), Edge.END),
}
PLACES = {
    **dict.fromkeys(("by", "before", "ahead of", "until", "till"), Place.BEFORE),
    **dict.fromkeys(("over", "during", "on", "at", "in"), Place.DURING),
    "after": Place.AFTER,
}
NEAR_DAYS = {
    "today": (0, None),
    "this morning": (0, Part.MORNING),
    "this afternoon": (0, Part.AFTERNOON),
    "this evening": (0, Part.EVENING),
    "tonight": (0, Part.EVENING),
    "overnight": (1, Part.MORNING),
    "tomorrow": (1, None),
    "day after tomorrow": (2, None),
}
WHICH = {
    "this": Which.THIS,
    "this coming": Which.COMING,
    "coming": Which.COMING,
    "the coming": Which.COMING,
    "upcoming": Which.COMING,
    "the upcoming": Which.COMING,
    "next": Which.NEXT,
    "week after next": Which.AFTER_NEXT,
}

NEXT = "(?: the)?(?: (?:next|coming|following))"
AHEAD = (
    "(?:(?:in|within)(?: (?:about|around|approximately|roughly|at most|no more than|less than|under))?"
    f"(?:{NEXT}| the)?|(?:over|during){NEXT})"
)
# What counts from an event is no date yet: "within two days of the release".
FROM_NOW = r"(?! (?:of|after|once|from)(?! now|\w)| and a half)"
# A bare hour is one only where the sentence visibly goes on after it: not in "Friday at 5 sites".
HOUR_ALONE = (
    r"(?<=at\x20|by\x20)HOUR(?![:.,/%]?[0-9]|%)"
    r"(?! (?!(?:on|today|tomorrow|this|next|i|we|you|and|or|to|with|at|in|so|but|WEEKDAY_NAME)(?!\w))[a-z0-9])"
)
# Of two numbers the later counts: "4-5 pm", "15-16 June".
FROM_NUMBER = "(?:[0-9]{1,2} ?(?:-|\u2013) ?)?"
WEEK = r"week(?! ?ends?(?!\w))"

ENGLISH = Lexicon(
    weekdays=WEEKDAYS,
    months=MONTHS,
    near_days=NEAR_DAYS,
    counts=COUNTS,
    units=UNITS,
    parts=PARTS,
    edges=EDGES,
    places=PLACES,
    which=WHICH,
    doubtful=frozenset({"may", "march", "mar", "mon", "wed", "sat", "sun"}),
    leads="(?:(?:on or )?before|(?:on or )?by|on|until|till|til|no later than|not later than|latest|due|at|around)",
    before=frozenset({"before"}),
    excluded=(
        "(?:last(?: week)?|past|previous|since|from|after|every|each|earlier|as of|starting|beginning"
        "|not before|not until|no sooner than|no earlier than|between)(?: on)?"
    ),
    articles="the",
    tails="at the earliest|(?:of )?last week|onwards?|or later|ago",
    joins="at|on|of|in",
    alternatives="or|to",
    forms=(
        *SHARED_FORMS,
        Form(Kind.WEEKDAY, r"(?:WHICH )?WEEKDAY(?:\.(?= [0-9])| PART)?(?! week(?!\w))"),
        Form(Kind.DATE, rf"{FROM_NUMBER}DAY(?:st|nd|rd|th)?(?: of)?(?: |-)MONTH(?:\.(?= [0-9]))?(?:,?(?: |-)YEAR)?"),
        Form(Kind.DATE, r"MONTH\.? (?:the )?DAY(?:st|nd|rd|th)?(?:(?:, ?| )YEAR)?(?![.:,]?[0-9])"),
        Form(
            Kind.DATE,
            r"DAY(?:st|nd|rd|th)(?=[.,;:!?)\n]|\Z| (?:at|and|or|if|with|to|i|we|you)(?!\w))",
            Needs.LEAD,
        ),
        Form(Kind.NEAR_DAY, "(?:the )?NEAR_DAY(?: PART)?"),
        Form(Kind.AHEAD, f"{AHEAD} COUNT ?UNIT(?: or (?P<up_to>two))?{FROM_NOW}"),
        Form(Kind.AHEAD, f"{AHEAD} COUNT(?: ?(?:-|\u2013|/) ?| (?:to|or) )UP_TO ?UNIT{FROM_NOW}"),
        Form(Kind.AHEAD, f"(?:in|within|over|during) the next UNIT(?: or (?P<up_to>two))?{FROM_NOW}"),
        Form(Kind.AHEAD, f"(?:in|within) (?:the )?(?P<unit>half an hour|hour){FROM_NOW}"),
        Form(Kind.AHEAD, "COUNT UNIT from (?:now|today)"),
        Form(Kind.AHEAD, "(?:the )?next (?P<unit>(?:business|working) day|workday)"),
        Form(Kind.WEEK, f"(?:(?:the )?EDGE(?: (?:of|in))?(?: |-))?WHICH {WEEK}"),
        Form(Kind.WEEK, f"(?:the )?EDGE(?: (?:of|in))? (?:the )?{WEEK}"),
        Form(Kind.WEEK, f"(?:within|during) the {WEEK}|eow"),
        Form(Kind.WEEK, "(?:the )?(?P<which>week after next)"),
        Form(Kind.MONTH, "(?:the )?EDGE(?: (?:of|in))?(?: |-)(?:WHICH |the )?month"),
        Form(Kind.MONTH, "WHICH month|within the month|month(?:['\u2019]s)?(?: |-)end|eom"),
        Form(Kind.MONTH, "(?:the )?EDGE(?: (?:of|in))?(?: |-)MONTH(?: YEAR)?(?! [0-9])"),
        Form(Kind.MONTH, "(?P<place>in|during|by|before) MONTH(?: YEAR)?(?!\\.? (?:the )?[0-9])"),
        Form(Kind.YEAR, "(?:the )?end of (?:the |this )?year|year(?:['\u2019]s)?(?: |-)end|eoy"),
        Form(Kind.WEEKEND, "(?:PLACE )?(?:the )?WHICH weekend"),
        Form(Kind.WEEKEND, "PLACE the weekend"),
        Form(Kind.TIME, rf"{FROM_NUMBER}HOUR(?:[:.]MINUTE)? ?(?P<half>[ap])(?:m|\.m\.?)(?: ZONE)?", Needs.LEAD),
        Form(Kind.TIME, "HOUR:MINUTE(?: ?(?:h|hrs|hours))?(?: ZONE)?", Needs.LEAD),
        Form(Kind.TIME, "HOUR ?o['\u2019]?clock(?: ZONE)?", Needs.LEAD),
        Form(Kind.TIME, HOUR_ALONE, Needs.DAY),
        Form(Kind.TIME, "in the (?P<part>morning|afternoon|evening)"),
        Form(Kind.TIME, "(?:12 )?(?P<part>noon|midday|lunchtime|lunch|midnight)", Needs.LEAD),
        Form(Kind.TIME, "(?P<part>first thing)", Needs.DAY),
        Form(Kind.TIME, "(?:the )?(?:end of (?:the |my |our )?(?:(?:business|working|work) )?day|eod|eob|cob)"),
        Form(Kind.TIME, "(?:the )?(?:close|end) of business"),
    ),
)
