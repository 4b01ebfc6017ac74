"""Counting with the first few named, so that a report can say `17, such as …`."""

# So many of what is counted are named.
MOST_NAMED = 3


class FirstFew:
    """How many there were, and the first of them, in whatever order they come."""

    def __init__(self) -> None:
        """Begin with none."""
        self.count = 0
        self.first: tuple[str, ...] = ()

    def add(self, name: str) -> None:
        """Count one more."""
        self.count += 1
        if self.count <= MOST_NAMED:
            self.first = (*self.first, name)
