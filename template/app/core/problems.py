"""Every error of the API leaves the application as a problem document (RFC 9457)."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response, status
from fastapi.exceptions import RequestValidationError
from pydantic import Field
from starlette.exceptions import HTTPException

from app.core.exceptions import Conflict, DomainError, Invalid, NotFound, Unavailable
from app.core.logging import request_id
from app.core.schemas import ReadSchema

MEDIA_TYPE = "application/problem+json"
# Older versions of Python know these two by their former names.
RENAMED = {413: "Content Too Large", 422: "Unprocessable Content"}


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
    code: str,
    detail: str,
    errors: list[InvalidField] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Build the response for a request to `path` that failed."""
    problem = Problem(
        title=phrase(status_code),
        status=status_code,
        detail=detail,
        instance=path,
        code=code,
        request_id=request_id.get(),
        errors=errors or [],
    )
    return Response(problem.model_dump_json(), status_code, dict(headers or {}), MEDIA_TYPE)


def add_domain_error(
    app: FastAPI, kind: type[DomainError], status_code: int, headers: Mapping[str, str] | None = None
) -> None:
    """Answer a kind of domain error, and the kinds derived from it, with this status."""

    @app.exception_handler(kind)
    async def on_domain_error(request: Request, exc: DomainError) -> Response:
        sent = {"Retry-After": str(exc.retry_after)} if exc.retry_after else headers
        return problem_response(request.url.path, status_code, code=exc.code, detail=exc.detail, headers=sent)


async def on_http_exception(request: Request, exc: HTTPException) -> Response:
    """Answer what the framework itself refuses: unknown paths, wrong methods, missing credentials."""
    code = phrase(exc.status_code).lower().replace(" ", "_")
    return problem_response(request.url.path, exc.status_code, code=code, detail=str(exc.detail), headers=exc.headers)


async def on_invalid_request(request: Request, exc: RequestValidationError) -> Response:
    """Name every invalid field, and never repeat what was sent: it may be a secret."""
    errors = [
        InvalidField(pointer="/" + "/".join(map(str, error["loc"])), code=error["type"], message=error["msg"])
        for error in exc.errors()
    ]
    return problem_response(
        request.url.path,
        status.HTTP_422_UNPROCESSABLE_CONTENT,
        code="invalid_request",
        detail="The request is not valid; `errors` names each field.",
        errors=errors,
    )


def documented(*status_codes: int) -> dict[int | str, dict[str, Any]]:
    """Describe these statuses as problems, for the `responses` of a route or a router."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {code: {"description": phrase(code), "content": content} for code in status_codes}


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
        return document

    app.openapi = openapi  # type: ignore[method-assign]
