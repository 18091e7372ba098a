"""The issuer of the access tokens: where its keys are, and the keys, kept while they are good."""

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from httpx2 import AsyncClient
from jwt import PyJWK, PyJWKSet

from app.core.exceptions import Unavailable

# Each verifies with a public key: with HS256, whoever reads the public key could sign, and with none anybody could.
ALGORITHMS = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"},
)
MAX_DOCUMENT_SIZE = 262_144
logger = logging.getLogger(__name__)


class IssuerUnavailable(Unavailable):
    """Nobody can be recognised: there are no keys yet, and the issuer does not hand them out."""

    code = "issuer_unavailable"
    detail = "The issuer of the access tokens does not answer; try again later."


def configuration_url(issuer: str) -> str:
    """Return where an issuer describes itself (OpenID Connect Discovery 1.0)."""
    return f"{issuer.removesuffix('/')}/.well-known/openid-configuration"


def keys_url(issuer: str, configuration: Mapping[str, Any]) -> str:
    """Return where the keys are; raises `ValueError` if somebody else answered, or the keys could be exchanged."""
    url = str(configuration["jwks_uri"])
    if configuration["issuer"] != issuer or urlsplit(url).scheme != urlsplit(issuer).scheme:
        message = "the configuration is not that of this issuer"
        raise ValueError(message)
    return url


def signing_keys(document: dict[str, Any]) -> dict[str, PyJWK]:
    """Read a key set (RFC 7517); each key is for one algorithm, and those for other purposes are left out."""
    usable = [key for key in PyJWKSet.from_dict(document) if key.public_key_use in {None, "sig"}]
    return {key.key_id: key for key in usable if key.key_id and key.algorithm_name in ALGORITHMS}


@dataclass
class Issuer:
    """The keys of one issuer, asked for when they are old or when a token names a key that is not among them."""

    client: AsyncClient
    url: str
    keys_seconds: float
    retry_seconds: float
    timeout: float
    keys: Mapping[str, PyJWK] = field(default_factory=dict)
    fresh_until: float = 0.0
    quiet_until: float = 0.0
    fetching: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def key(self, key_id: str) -> PyJWK | None:
        """Return the key with this id; raises `IssuerUnavailable` as long as there are no keys at all."""
        # Old keys serve those who come while another request fetches the new ones, and as long as the issuer is down.
        if self.lacks(key_id) and not (key_id in self.keys and self.fetching.locked()):
            async with self.fetching:
                # Another request may have fetched them meanwhile; and invented ids must not burden the issuer.
                if self.lacks(key_id) and monotonic() >= self.quiet_until:
                    await self.fetch_keys()
        if not self.keys:
            raise IssuerUnavailable(retry_after=max(1, ceil(self.quiet_until - monotonic())))
        return self.keys.get(key_id)

    def lacks(self, key_id: str) -> bool:
        """Tell whether the issuer should be asked before a token with this key is read."""
        return key_id not in self.keys or monotonic() >= self.fresh_until

    async def fetch_keys(self) -> None:
        """Replace the keys; whatever goes wrong is logged, and the old ones stay."""
        try:
            async with asyncio.timeout(self.timeout):
                configuration = await self.fetch(configuration_url(self.url))
                self.keys = signing_keys(await self.fetch(keys_url(self.url, configuration)))
            self.fresh_until = monotonic() + self.keys_seconds
        except Exception:
            logger.exception("The keys of the issuer could not be fetched")
        self.quiet_until = monotonic() + self.retry_seconds

    async def fetch(self, url: str) -> dict[str, Any]:
        """Return the JSON object at this address, unless it is too large to be one of an issuer."""
        body = bytearray()
        async with self.client.stream("GET", url) as response:
            response.raise_for_status()
            # Raw: a small compressed answer could become a large one.
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > MAX_DOCUMENT_SIZE:
                    message = "the answer of the issuer is too large"
                    raise ValueError(message)
        return dict(json.loads(body))
