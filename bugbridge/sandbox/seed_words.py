"""The words of the seeded history: plausible, and here and there hostile."""

PARTS = (
    "CSV export",
    "PDF invoice",
    "login page",
    "password reset",
    "search",
    "dashboard",
    "calendar sync",
    "webhook delivery",
    "file upload",
    "bulk edit",
    "report builder",
    "payment form",
    "card refund",
    "tax calculation",
    "address book",
    "push notification",
    "image preview",
    "audit log",
    "API token page",
    "import wizard",
    "checkout",
    "coupon field",
    "order history",
    "time zone setting",
    "two-factor sign-in",
    "shared folder",
    "printing",
    "e-mail digest",
    "map view",
    "table filter",
)
FAULTS = (
    "drops the last row",
    "hangs on large accounts",
    "shows yesterday's data",
    "fails with error 500",
    "ignores the chosen language",
    "loses unsaved changes",
    "rounds amounts wrongly",
    "is blank in Safari",
    "sends everything twice",
    "forgets the selected filter",
)
OPENINGS = (
    "Hello, since this week our {part} {fault}. It worked before. Can you help?",
    "Hi team,\n\nwhen I use the {part} it {fault}. Steps: open it, press Save, wait.\n\nKind regards",
    "The {part} {fault} for everybody in our office. We meet this daily and need an answer.",
    "Good morning, a small thing: the {part} {fault}. Not urgent for us.",
    "Your {part} {fault}. I attached a screenshot. Browser: Firefox 139.",
)
HOSTILE = (
    "<script>alert('{part}')</script><img src=x onerror=alert(1)> The {part} {fault}.",
    "{{{{ config.items() }}}} {{% raise %}} Hi, the {part} {fault}.",
    "=cmd|' /C calc'!A0 is what I see where the {part} {fault}.",
    "\x1b]0;owned\x07\x1b[31mThe {part} {fault}\x1b[0m and my terminal turned red.",
    "The {part} {fault}.\r\nX-Injected: yes\r\n\r\n'; DROP TABLE tickets; -- \u202egnp.exe",
)
OTHER_SUBJECTS = (
    "How do I add a colleague?",
    "Question about our invoice",
    "Please cancel our trial",
    "Where is the price list?",
    "Feature idea: dark mode",
    "Change of address",
    "Data processing agreement",
    "Training for new staff",
    "Can I export my contract?",
    "Thank you!",
)
FIRST_REPLIES = (
    "Thank you for writing. We can see the problem too and our engineers will look into it.",
    "Thanks for the clear steps. I have passed this on to the developers.",
    "Thank you for telling us. We'll look into it.",
)
CHASERS = (
    "Any news on this?",
    "Hello? It is still happening and my colleagues ask me every day.",
    "Is there a date by which this will be repaired?",
)
CHASER_REPLIES = (
    "There is no news yet. The problem is with our engineers.",
    "It has not been forgotten; I have no date that I could give you.",
)
NAMED = (
    "Good news: the {part} problem you wrote about is fixed in version {version}, which is available now.",
    "This is fixed in {version}. Please update, and reply here if you still see it.",
)
UNNAMED = (
    "This should be working now, please have a look.",
    "Our engineers tell me that the problem is gone. Can you check?",
)
REFUSED = "We have decided not to change this. I know this is not the answer you hoped for; {part} stays as it is."
WORKAROUND_STEP = "open the {part} in a private window, or use the old view under Settings."
WORKAROUND = "Until it is repaired: " + WORKAROUND_STEP
PROMISED = "I'll write again by {weekday} {day} {month}, with or without news."
NOTES = (
    "Same as {reference}",
    "Engineering tracks this in {reference}.",
    "linked: {reference}\nCustomer is friendly, reproduces every time.",
    "See {reference} (and ask Dana before promising anything)",
    "[{reference}]",
)
PERIODS = ("Morning check: nothing new.", "Called the customer, left a message.")
HINT = "By the way, on your public tracker I found {reference}, is that mine?"
PUBLIC_REFERENCE = "You can follow this yourself at {reference}."
ROBOT_NOTE = "Automatic similarity search: this looks like {reference}."
QUOTED = "On Monday Alex wrote:\n> might be {reference}\nNo, that one is something else, I checked."
FENCED = "Log from the customer's machine:\n```\nWARN sync skipped, see {reference}\n```\nNothing unusual in it."
INLINE = "The page footer shows `build {reference} ok`, which tells us nothing."

COMPANY_FIRST = (
    "Alder",
    "Birch",
    "Cedar",
    "Delta",
    "Elm",
    "Fjord",
    "Granite",
    "Harbour",
    "Iris",
    "Juniper",
    "Kestrel",
    "Linden",
    "Maple",
    "Nordic",
    "Orchid",
    "Pine",
    "Quartz",
    "Rowan",
    "Sable",
    "Thistle",
    "Umber",
    "Vale",
    "Willow",
    "Yarrow",
)
COMPANY_SECOND = (
    "Foods",
    "Logistics",
    "Clinic",
    "Software",
    "Press",
    "Bank",
    "Energy",
    "Travel",
    "Textiles",
    "Insurance",
    "Schools",
    "Robotics",
)
GIVEN_NAMES = (
    "Ada",
    "Björn",
    "Chloé",
    "Dmitri",
    "Elif",
    "Farid",
    "Grace",
    "Hiro",
    "Inés",
    "Jonas",
    "Kofi",
    "Léa",
    "Mei",
    "Nils",
    "Olga",
    "Priya",
    "Quinn",
    "Rosa",
    "Sven",
    "Tariq",
    "Uma",
    "Viktor",
    "Wanda",
    "Ximena",
    "Yusuf",
    "Zoë",
)
FAMILY_NAMES = (
    "Adler",
    "Berg",
    "Costa",
    "Dubois",
    "Eriksen",
    "Fischer",
    "García",
    "Haddad",
    "Ivanov",
    "Jensen",
    "Kim",
    "López",
    "Müller",
    "Novák",
    "O'Brien",
    "Petrov",
    "Rossi",
    "Sato",
    "Tanaka",
    "Weber",
    "<b>Bobby</b>",
    "Žižek",
)
AGENTS = ("Ben Okafor", "Dana Lind", "Eva Moreau", "Finn Walsh", "Gita Rao", "Hugo Brandt", "Ivy Chen", "Jan Kowalski")
ENGINEERS = ("octavia", "rkapoor", "lenam", "tomasz-w", "sigrid")
PLACES = (
    ("en-US", "Eastern Time (US & Canada)", "America/New_York"),
    ("en-GB", "London", "Europe/London"),
    ("de", "Berlin", "Europe/Berlin"),
    ("fr", "Paris", "Europe/Paris"),
    ("ja", "Tokyo", "Asia/Tokyo"),
    ("pt-BR", "Brasilia", "America/Sao_Paulo"),
    ("en-US", "Pacific Time (US & Canada)", "America/Los_Angeles"),
)
