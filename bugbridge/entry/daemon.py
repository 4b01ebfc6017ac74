"""The daemon: every step at its interval, each beside the others, until it is told to stop.

One process works on a database, the holder of its lease (`holding.py`); others refuse, or with `standby` wait to take
over. A holder that was stopped past its lease (SIGSTOP, a suspended computer) finds out before its next step or note,
since each of them asks for the lease first.

Clocks are set, and computers sleep. How long a lease was seen unchanged, how old its renewal is and when to look around
is told by the steady clock, so nothing waits for an hour to come round again. The scheduler goes by the machine's
clock: at every turn the two are compared, and after a jump backwards each job is moved along with the clock; after one
forwards, or a sleep, what fell due meanwhile runs once.

Signals only leave an order; the loop carries it out: SIGTERM and SIGINT end it once the steps under way are done,
SIGHUP has it read configuration, policy and secrets again, and keep the old ones where the new ones aren't well.
"""

import logging
import os
import signal
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from queue import Empty, SimpleQueue
from types import FrameType
from typing import TYPE_CHECKING

from bugbridge.core.errors import BugBridgeError, ConfigError, RemoteError
from bugbridge.core.leases import Claim, Timing, clock_jump
from bugbridge.entry.health_server import HealthServer
from bugbridge.entry.holding import LeaseKeeper
from bugbridge.entry.jobs import all_jobs
from bugbridge.entry.schedule import Schedule
from bugbridge.entry.startup import look_over, refuse
from bugbridge.entry.steps import Steps
from bugbridge.entry.systemd import READY, RELOADING, STOPPING, WATCHDOG, tell_systemd
from bugbridge.render.plain import clean

if TYPE_CHECKING:
    from bugbridge.app import App
    from bugbridge.services.operating import Operation

STOP, RELOAD, LOOK = "stop", "reload", "look"
ORDERS = {signal.SIGTERM: STOP, signal.SIGINT: STOP, signal.SIGHUP: RELOAD}

log = logging.getLogger("bugbridge.daemon")
