"""What the API tells its clients about the issuer."""

from typing import Any

from fastapi import FastAPI

from app.auth.dependencies import openid
from app.auth.issuer import configuration_url


def register_issuer(app: FastAPI, issuer: str, scope: str) -> None:
    """Let the documentation name the issuer, and its page sign in there."""
    app.swagger_ui_init_oauth = {"usePkceWithAuthorizationCodeGrant": True, "scopes": scope}
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        document = generate()  # the same object at each call
        schemes = document["components"].get("securitySchemes")
        if schemes:  # nothing may be closed yet
            schemes[openid.scheme_name]["openIdConnectUrl"] = configuration_url(issuer)
        return document

    app.openapi = openapi  # type: ignore[method-assign]
