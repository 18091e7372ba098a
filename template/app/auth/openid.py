"""What the API tells its clients about the issuer: where it is, and when it is down."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, status

from app.auth.dependencies import openid
from app.auth.issuer import IssuerUnavailable, configuration_url
from app.core.problems import add_domain_error


def retry_after(error: IssuerUnavailable) -> Mapping[str, str]:
    """Say when to come back."""
    return {"Retry-After": str(error.retry_after)}


def register_issuer(app: FastAPI, issuer: str, scope: str) -> None:
    """Let the documentation name the issuer, its page sign in there, and requests fail well without it."""
    add_domain_error(app, IssuerUnavailable, status.HTTP_503_SERVICE_UNAVAILABLE, retry_after)
    app.swagger_ui_init_oauth = {"usePkceWithAuthorizationCodeGrant": True, "scopes": scope}
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        document = generate()  # the same object at each call
        schemes = document["components"]["securitySchemes"]
        schemes[openid.scheme_name]["openIdConnectUrl"] = configuration_url(issuer)
        return document

    app.openapi = openapi  # type: ignore[method-assign]
