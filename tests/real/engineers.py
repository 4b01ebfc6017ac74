"""What engineers do on the sandbox's GitHub."""

from bugbridge.sandbox import changes
from bugbridge.sandbox.server import Sandbox
from bugbridge.sandbox.world import GitHubIssue

REPOSITORY = "acme/app"


class Engineers:
    """They open and close issues of one repository."""

    def __init__(self, sandbox: Sandbox) -> None:
        """Keep where they work."""
        self._world = sandbox.world
        self.url = sandbox.github_url

    def open_issue(self) -> str:
        """Open an issue now; give its reference, OWNER/REPO#NUMBER."""
        with self._world.lock:
            issues = self._world.issues[REPOSITORY]
            number = max(issues) + 1
            title = "Export drops the last row (internal title)"
            issue = GitHubIssue(
                self._world.new_id(), REPOSITORY, number, title, "", "octavia", self._world.moment(), ("bug",)
            )
            issues[number] = issue
        return issue.reference

    def close_as_completed(self, reference: str) -> None:
        """Close an issue as completed now."""
        with self._world.lock:
            changes.close_issue(self._world, reference, "completed")


def web_address(reference: str) -> str:
    """Give the address that people paste."""
    repository, _, number = reference.partition("#")
    return f"https://github.com/{repository}/issues/{number}"
