"""How much `bugbridge serve` takes and does, and for how long: each number with its unit and why it is that one.

What isn't here belongs to what is kept or shown, such as how long a sign-in lasts or how many rows a page has.
"""

from datetime import timedelta

HEAD_SECONDS = 10.0  # until a request's head has to be there: it is one packet, or a few
BODY_SECONDS = 30.0  # from a body's beginning to its end: two megabytes over a slow line
STOP_SECONDS = 5  # for requests under way as serving ends: whoever restarts it waits for them
MOST_CONNECTIONS = 500  # at a time: half of the 1,024 files that a process may usually have open

BODY_LIMIT = 2 * 1024 * 1024  # bytes of any request: twice the largest that is taken anywhere
HOOK_BODY_LIMIT = 1024 * 1024  # bytes: an issue with its long description, of which we read the number alone
FORM_LIMIT = 1024 * 1024  # bytes: a page of a round, with 50 drafts that are several pages long
FIELDS_LIMIT = 5_000  # of a form: a policy has hundreds
REPLY_BODY_LIMIT = 256 * 1024  # bytes; several times the longest reply, which has 20,000 characters

CHECKS_AT_ONCE = 4  # replies; more would only be slower, since they share a processor with the hooks
REMOTE_AT_ONCE = 8  # of the 40 threads that answer requests; one waits as long as a helpdesk takes

MOST_TRIES = 10  # to prove who one is that may fail: people mistype a few times, programs guess thousands
TRIES_WITHIN = timedelta(minutes=5)  # for which failed ones count, and so the longest that anybody waits

LONGEST_TYPED = 200  # characters of a day, a version, a language, words to search for, or a place in a list
LONGEST_DELAY = 40  # characters of a delay or a date, such as `1w`
LONGEST_REFERENCE = 400  # characters of an issue's reference or address that is linked
LONGEST_ADDRESS = 2_000  # characters of an address that is looked up, as long as browsers have them
LONGEST_NEXT = 1_500  # characters of the address to go on to after signing in; it goes into a cookie, which has 4,096
LONGEST_PASS = 1_000  # characters of a signed pass in an address: several times what ours have
LONGEST_APP_TOKEN = 8_000  # characters of what Zendesk signs: several times what its have
LONGEST_POLICY = 200_000  # characters of a policy's text: the one that comes along has 5,300
LONGEST_POLICY_NAME = 10_000  # characters of a policy\'s name, which nothing else bounds

MOST_FOUND = 10  # issues that a search shows: whoever sees more types another word
MOST_REPLAYED = 200  # bugs that a policy is tried on: some seconds of a processor
MOST_ROUND_TICKETS = 5_000  # that one request to a round may name: more than anybody reviews
MOST_FILE_ROWS = 100_000  # of a list as a file: a spreadsheet still opens it
