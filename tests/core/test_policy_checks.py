"""On which line of a policy file a key stands."""

import pytest

from bugbridge.core.policy_checks import key_lines, line_of

LINES_TEXT = """top = 1
[a]
"quoted key" = 1   # [b]
long = \"\"\"
inside = 1
\"\"\"
list = [
  "x",
]
[[rule]]
id = "one"
[[rule]]
  id = "two"
  when.stage = []
[rule.other]
key = 1
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 1),
        (("a",), 2),
        (("a", "quoted key"), 3),
        (("a", "inside"), 2),
        (("a", "list"), 7),
        (("rule", 0), 10),
        (("rule", 1, "id"), 13),
        (("rule", 1, "when", "stage"), 14),
        (("rule", 1, "when", "tier"), 12),
        (("rule", 1, "other", "key"), 16),
        (("nowhere",), 1),
    ],
)
def test_the_line_of_a_key_or_of_what_is_around_it(path: tuple[str | int, ...], line: int) -> None:
    """Tables of an array are counted, strings over many lines are skipped, what has no line has its table's."""
    assert line_of(path, key_lines(LINES_TEXT)) == line
