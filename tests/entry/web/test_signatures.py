"""Signatures: made as vendors' own documents say, over the very bytes that came, and not long ago."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from bugbridge.entry.web.signatures import TOLERANCE, Signature, is_signed, names_secret
from bugbridge.registry import helpdesk_sections
from tests.entry.web.recipes import SECRET, zendesk

NOW = datetime(2026, 6, 15, 9, tzinfo=UTC)
BODY = b'{"ticket_id": 4711}'
ZENDESK = Signature(
    "x-zendesk-webhook-signature", encoding="base64", timestamp_header="x-zendesk-webhook-signature-timestamp"
)

# RFC 2202, section 3, test case 2: the HMAC with SHA-1 of these bytes.
RFC_KEY, RFC_BODY = "Jefe", b"what do ya want for nothing?"
RFC_SHA1 = "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"

# developer.zendesk.com/documentation/event-connectors/webhooks/verifying: the one example with a result, of the days
# when the time was signed behind the body. The recipe is now the other way round; what else it shows still holds: the
# secret is taken as it is shown and not decoded, and the digest is written in base64.
OLD_SECRET, OLD_TIME = "HRkRd4BeOAoUkfZr-mhauJT64rvBASlJRoIyPsd3zeA=", "2021-07-25T10:00:00Z"
OLD_BODY = b'{"say": "hello"}'
OLD_SIGNATURE = "tRDSF7URY8BLCDlaBcQ7FHu051Zk+aAB0NKMP53teMw="


def lower(headers: dict[str, str]) -> dict[str, str]:
    """Headers as a server hands them on."""
    return {name.lower(): value for name, value in headers.items()}


def zendesk_says(at: datetime, *, secret: str = SECRET) -> bool:
    """Whether what Zendesk signs at an instant is believed now."""
    return is_signed(ZENDESK, secret, lower(zendesk(secret, BODY, at, "1")), BODY, NOW)


def signed_with_time(time: str) -> bool:
    """Whether a time, of any form, is believed that was signed with the right secret."""
    headers = {ZENDESK.timestamp_header: time}
    made = ZENDESK.made(SECRET, ZENDESK.signed(headers, BODY))
    return is_signed(ZENDESK, SECRET, {**headers, ZENDESK.header: made}, BODY, NOW)


def test_zendesk_s_format_is_the_one_that_is_configured() -> None:
    """So that what is said here of the signature is said of Zendesk's section."""
    webhook = helpdesk_sections()["zendesk"].webhook
    assert (webhook.signature_header, webhook.algorithm, webhook.encoding) == (ZENDESK.header, "sha256", "base64")
    assert (webhook.prefix, webhook.timestamp_header) == ("", ZENDESK.timestamp_header)


def test_sha1_is_that_of_its_standard() -> None:
    """In hexadecimal with a prefix, and in base64."""
    assert Signature("x", "sha1", "hex", "sha1=").made(RFC_KEY, RFC_BODY) == f"sha1={RFC_SHA1}"
    made = Signature("x", "sha1", "base64").made(RFC_KEY, RFC_BODY)
    assert base64.b64decode(made, validate=True).hex() == RFC_SHA1


def test_a_secret_is_used_as_it_is_shown() -> None:
    """One that looks like base64 isn't decoded; the vector is Zendesk's."""
    assert ZENDESK.made(OLD_SECRET, OLD_BODY + OLD_TIME.encode()) == OLD_SIGNATURE


def test_the_time_stands_before_the_body() -> None:
    """As Zendesk signs today: what was signed the other way round is refused."""
    at = datetime(2021, 7, 25, 10, tzinfo=UTC)
    behind = {ZENDESK.header: OLD_SIGNATURE, ZENDESK.timestamp_header: OLD_TIME}
    assert not is_signed(ZENDESK, OLD_SECRET, behind, OLD_BODY, at)
    assert is_signed(ZENDESK, OLD_SECRET, lower(zendesk(OLD_SECRET, OLD_BODY, at, "1")), OLD_BODY, at)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_signed_time_may_be_five_minutes_off(sign: int) -> None:
    """Behind the clock or ahead of it, and not a second more."""
    assert zendesk_says(NOW + sign * TOLERANCE)
    assert not zendesk_says(NOW + sign * (TOLERANCE + timedelta(seconds=1)))


@pytest.mark.parametrize("time", ["2026-06-15T09:00:00Z", "2026-06-15T11:00:00+02:00", "2026-06-15T09:00:00.5Z"])
def test_a_signed_time_is_any_iso_instant(time: str) -> None:
    """What is signed is its text, whatever its form."""
    assert signed_with_time(time)


@pytest.mark.parametrize(
    "time", ["", "now", "2026-06-15T09:00:00", "1781514000", "0001-01-01T00:00:00+23:59", "2026-06-15T09:00:00Zä"]
)
def test_a_signed_time_that_is_no_instant_is_refused(time: str) -> None:
    """Although its signature is right: how old the delivery is can't be told."""
    assert not signed_with_time(time)


def test_an_empty_secret_proves_nothing() -> None:
    """Everybody can sign with it, and name it."""
    assert not zendesk_says(NOW, secret="")
    assert not names_secret("", "")


def test_only_the_whole_secret_is_the_secret() -> None:
    """Neither a part of it nor it in other letters."""
    assert names_secret(SECRET, SECRET)
    assert [word for word in ("", SECRET[:-1], f"{SECRET}/", SECRET.upper(), "ä") if names_secret(SECRET, word)] == []
