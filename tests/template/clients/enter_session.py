"""Signs in with a password, and gets a cookie: one for https, which a client on this machine has to be told to send."""

from app_client import AuthenticatedClient, Client
from app_client.api.auth import auth_login
from app_client.models import Login, UserRead


def enter(url: str, email: str, password: str) -> AuthenticatedClient:
    """Return a client that is signed in."""
    answer = auth_login.sync_detailed(client=Client(url), body=Login(email=email, password=password))
    assert isinstance(answer.parsed, UserRead), answer
    cookie = answer.headers["Set-Cookie"].partition(";")[0]
    return AuthenticatedClient(url, token=cookie, prefix="", auth_header_name="Cookie")
