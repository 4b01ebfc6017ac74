"""Secrets of API tokens, made where chance is allowed."""

import secrets

from bugbridge.core.tokens import TOKEN_START

RANDOM_BYTES = 32


def new_secret() -> str:
    """Give a token that nobody can guess; its beginning says what it is to whoever finds it somewhere."""
    return TOKEN_START + secrets.token_urlsafe(RANDOM_BYTES)
