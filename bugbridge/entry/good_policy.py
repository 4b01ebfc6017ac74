"""The last policy file that was well: what the daemon goes by while somebody is still writing the next one."""

import logging
from typing import TYPE_CHECKING

from bugbridge.core.errors import ConfigError
from bugbridge.render.plain import clean
from bugbridge.services.policies import PolicyFile, kept_policies, with_file

if TYPE_CHECKING:
    from bugbridge.app import App

log = logging.getLogger("bugbridge.daemon")


def keep_good_policy(app: "App") -> None:
    """Have an app go by its policy file as it is, or while that isn't well, as it last was."""
    app.choose_policy = _GoodPolicy(app).choose
    _ = app.policy_file  # the one that it begins with


class _GoodPolicy:
    def __init__(self, app: "App") -> None:
        self._app = app
        self._good: PolicyFile | None = None
        self._refused: PolicyFile | None = None

    def choose(self, file: PolicyFile) -> PolicyFile:
        """Give the file, or the good one before it; then each of its problems is logged once."""
        if file == self._good:
            return file
        try:
            with_file(kept_policies(self._app.store), file, self._app.clock.now())
        except ConfigError as error:
            if self._good is None:
                return file
            self._refuse(file, error)
            return self._good
        self._good, self._refused = file, None
        return file

    def _refuse(self, file: PolicyFile, error: ConfigError) -> None:
        if file != self._refused:
            for problem in error.problems:
                log.error("daemon.policy: %s", clean(problem))
            log.error("the policy before it stays in force until %s is well", file.where)
        self._refused = file
