"""Every error of the API leaves the application as a problem document (RFC 9457)."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response, status
from fastapi.exceptions import RequestValidationError
from pydantic import Field
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.routing import Match

from app.core.exceptions import Conflict, DomainError, Invalid, NotFound, Unavailable
from app.core.logging import request_id
from app.core.schemas import UNREADABLE, ReadSchema

MEDIA_TYPE = "application/problem+json"
# Older versions of Python know these two by their former names.
RENAMED = {413: "Content Too Large", 422: "Unprocessable Content"}
# What an answer of this status says beside its body.
HEADERS = {"201": ["Location"], "401": ["WWW-Authenticate"], "429": ["Retry-After"], "503": ["Retry-After"]}


class InvalidField(ReadSchema):
    """One invalid part of a request; never the value that was sent."""

    pointer: str = Field(examples=["/body/name"])
    code: str = Field(examples=["missing"])
    message: str = Field(examples=["Field required"])


class Problem(ReadSchema):
    """What a client gets when a request fails."""

    type: str = "about:blank"
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["There is no such item."])
    instance: str = Field(examples=["/api/v1/items"])
    code: str = Field(examples=["not_found"])
    request_id: str
    errors: list[InvalidField] = Field(default=[])


def phrase(status_code: int) -> str:
    """Return the name of a status."""
    return RENAMED.get(status_code) or HTTPStatus(status_code).phrase


def problem_response(
    path: str,
    status_code: int,
    *,
    code: str = "",
    detail: str,
    errors: list[InvalidField] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Build the response for a request to `path` that failed; without a code, it is that of the status."""
    problem = Problem(
        title=phrase(status_code),
        status=status_code,
        detail=detail,
        instance=path,
        code=code or phrase(status_code).lower().replace(" ", "_"),
        request_id=request_id.get(),
        errors=errors or [],
    )
    return Response(problem.model_dump_json(), status_code, dict(headers or {}), MEDIA_TYPE)


def add_domain_error(
    app: FastAPI, kind: type[DomainError], answer: int, headers: Mapping[str, str] | None = None
) -> None:
    """Answer a kind of domain error, and the kinds derived from it, with this status."""

    @app.exception_handler(kind)
    async def on_domain_error(request: Request, exc: DomainError) -> Response:
        sent = {"Retry-After": str(exc.retry_after)} if exc.retry_after else headers
        wrong = [InvalidField(pointer=f"/body/{name}", code=exc.code, message=exc.detail) for name in exc.fields]
        return problem_response(request.url.path, answer, code=exc.code, detail=exc.detail, errors=wrong, headers=sent)


def allowed(request: Request) -> str:
    """Return the methods that the path knows, of all its routes."""
    known = {"OPTIONS"}
    for method in ("DELETE", "GET", "PATCH", "POST", "PUT"):
        scope = {**request.scope, "method": method}
        if any(route.matches(scope)[0] == Match.FULL for route in request.app.routes):
            known |= {"GET", "HEAD"} if method == "GET" else {method}
    return ", ".join(sorted(known))


async def on_http_exception(request: Request, exc: HTTPException) -> Response:
    """Answer what the framework itself refuses: unknown paths, wrong methods, missing credentials."""
    headers = {"Allow": allowed(request)} if exc.status_code == status.HTTP_405_METHOD_NOT_ALLOWED else exc.headers
    if headers and "Allow" in headers and request.method == "OPTIONS":
        return Response(status_code=status.HTTP_204_NO_CONTENT, headers=headers)
    return problem_response(request.url.path, exc.status_code, detail=str(exc.detail), headers=headers)


async def on_invalid_request(request: Request, exc: RequestValidationError) -> Response:
    """Name invalid fields, at most 100, and never repeat what was sent: it may be a secret."""
    found = exc.errors()[:100]
    media_type = request.headers.get("Content-Type", "")
    # What is not JSON stays bytes; what is no form has no fields.
    if "form" not in media_type if isinstance(exc.body, FormData) else isinstance(exc.body, bytes):
        message = "The body is of a media type that this operation does not read."
        return problem_response(request.url.path, status.HTTP_415_UNSUPPORTED_MEDIA_TYPE, detail=message)
    if found[0]["type"] in {"json_invalid", UNREADABLE}:
        return problem_response(request.url.path, status.HTTP_400_BAD_REQUEST, detail=found[0]["msg"])
    # As RFC 6901 writes them; names may be as long as the sender likes.
    errors = []
    for error in found:
        path = "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in error["loc"])
        errors.append(InvalidField(pointer=path[:200], code=error["type"], message=error["msg"]))
    return problem_response(
        request.url.path,
        status.HTTP_422_UNPROCESSABLE_CONTENT,
        code="invalid_request",
        detail="The request is not valid; `errors` names each field.",
        errors=errors,
    )


def documented(*codes: int) -> dict[int | str, dict[str, Any]]:
    """Describe these statuses as problems, for the `responses` of a route or a router."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {code: {"description": phrase(code), "headers": headers_of(code), "content": content} for code in codes}


def headers_of(status_code: int | str) -> dict[str, Any]:
    """Describe the headers of an answer with this status."""
    return {name: {"schema": {"type": "string"}} for name in ("X-Request-ID", *HEADERS.get(str(status_code), ()))}


def complete(document: dict[str, Any]) -> None:
    """Add what every operation has: whether it is open to everybody, and the headers of its answers."""
    for operation in (operation for path in document["paths"].values() for operation in path.values()):
        operation.setdefault("security", [])
        for code, answer in operation["responses"].items():
            answer.setdefault("headers", headers_of(code))


def register_exception_handlers(app: FastAPI) -> None:
    """Install the handlers, and the schema that `documented` points to."""
    add_domain_error(app, Invalid, status.HTTP_422_UNPROCESSABLE_CONTENT)
    add_domain_error(app, NotFound, status.HTTP_404_NOT_FOUND)
    add_domain_error(app, Conflict, status.HTTP_409_CONFLICT)
    add_domain_error(app, Unavailable, status.HTTP_503_SERVICE_UNAVAILABLE)
    app.exception_handler(HTTPException)(on_http_exception)
    app.exception_handler(RequestValidationError)(on_invalid_request)
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        document = generate()  # the same object at each call
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        if "Problem" not in schemas:
            problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas.update(problem.pop("$defs"), Problem=problem)
            complete(document)
        return document

    app.openapi = openapi  # type: ignore[method-assign]
