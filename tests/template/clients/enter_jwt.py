"""Signs in with a password, and gets tokens."""

from app_client import AuthenticatedClient, Client
from app_client.api.auth import auth_login
from app_client.models import TokenPair, TokenRequest


def enter(url: str, email: str, password: str) -> AuthenticatedClient:
    """Return a client that is signed in."""
    tokens = auth_login.sync(client=Client(url), body=TokenRequest(username=email, password=password))
    assert isinstance(tokens, TokenPair), tokens
    return AuthenticatedClient(url, token=tokens.access_token)
