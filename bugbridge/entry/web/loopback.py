"""Who is on this very computer, and where nobody has to sign in because nobody else can come."""

from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from bugbridge.settings_parts import WebSettings


def is_loopback(host: str) -> bool:
    """Whether this name or address is reached from this computer alone."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def is_shown_unsigned(settings: WebSettings, secrets: Mapping[str, str]) -> bool:
    """Whether pages may be shown to whoever is on this computer without sign-in: nothing says that others reach us.

    An address elsewhere, or a webhook's secret, means that a proxy may stand before us here; one that adds no headers
    makes every stranger look like this computer.
    """
    is_here = is_loopback(settings.host) and (not settings.url or is_loopback(urlsplit(settings.url).hostname or ""))
    return is_here and not any(secrets.values())
