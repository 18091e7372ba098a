"""How the secrets of accounts are stored: with the table alone, nobody can compute a code."""

import hashlib
from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, MultiFernet
from pydantic import SecretStr


def check_key(key: SecretStr | None) -> SecretStr | None:
    """Refuse what somebody made up."""
    if key and (len(key) < 32 or len(set(key.get_secret_value())) < 10):
        message = "it has fewer than 32 characters, or fewer than 10 different ones"
        raise ValueError(message)
    return key


def cipher_from(key: SecretStr, previous: SecretStr | None) -> MultiFernet:
    """Return what encrypts with the key, and also decrypts with the one before it."""
    hashes = [hashlib.sha256(one.get_secret_value().encode()) for one in (key, previous) if one]
    return MultiFernet([Fernet(urlsafe_b64encode(one.digest())) for one in hashes])
