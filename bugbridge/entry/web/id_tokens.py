"""What a provider says of somebody who signed in: believed only as far as its signature and claims hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

# Each is signed by a key that the provider alone has; one that is shared with us, or none, proves nothing.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
LEEWAY = 60  # seconds by which clocks may differ


class UntrustedError(Exception):
    """What a provider sent isn't what it must be; the text says why, for the log, and quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What an id token has to say."""

    issuer: str
    client_id: str
    nonce: str
    now: datetime


def claims_of(id_token: str, keys: object, expected: Expected) -> Mapping[str, Any]:
    """Give the claims of a token that this issuer signed for us just now, in answer to our request.

    Raises UntrustedError for any other (OpenID Connect Core 1.0, 3.1.3.7).
    """
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    try:
        key_set = KeySet.import_key_set(keys)  # type: ignore[arg-type] # what it can't read it refuses
        token = jwt.decode(id_token, key_set, algorithms=list(ALGORITHMS))
        _registry(expected).validate(token.claims)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise UntrustedError(f"the id token doesn't hold ({type(error).__name__})") from None
    _check_party(token.claims, expected.client_id)
    return token.claims


def _registry(expected: Expected) -> Any:  # noqa: ANN401 - a library's, which is imported on use
    from joserfc.jwt import JWTClaimsRegistry

    return JWTClaimsRegistry(
        now=int(expected.now.timestamp()),
        leeway=LEEWAY,
        iss={"essential": True, "value": expected.issuer},
        aud={"essential": True, "value": expected.client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": expected.nonce},
    )


def _check_party(claims: Mapping[str, Any], client_id: str) -> None:
    """One that is for several is for whom `azp` names."""
    audience, party = claims["aud"], claims.get("azp")
    is_for_several = isinstance(audience, list) and len(audience) > 1
    if (is_for_several and party is None) or party not in (None, client_id):
        raise UntrustedError("the id token is for somebody else")
