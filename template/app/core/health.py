"""Liveness and readiness, for whatever starts, stops and routes to the application."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from fastapi import APIRouter, Request, Response, status
from pydantic import Field

from app.core.schemas import ReadSchema

READINESS_TIMEOUT = 2.0
ReadinessCheck = Callable[[], Awaitable[None]]
logger = logging.getLogger(__name__)
router = APIRouter(prefix="/health", include_in_schema=False)


class Health(ReadSchema):
    """The state of the application, or of the services it cannot work without."""

    status: str
    checks: dict[str, str] = Field(default_factory=dict)


@router.get("")
async def live() -> Health:
    """Say that the process runs; touches nothing else, or whatever is slow there would have it restarted."""
    return Health(status="ok")


@router.get("/ready")
async def ready(request: Request, response: Response) -> Health:
    """Say whether requests can be served now, without saying why not: that is in the log."""
    checks: Mapping[str, ReadinessCheck] = request.state.readiness_checks
    results = {name: await outcome(name, check) for name, check in checks.items()}
    if "failed" in results.values():
        response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
        return Health(status="unavailable", checks=results)
    return Health(status="ok", checks=results)


async def outcome(name: str, check: ReadinessCheck) -> str:
    """Run one check within its time."""
    try:
        async with asyncio.timeout(READINESS_TIMEOUT):
            await check()
    except Exception:
        logger.exception("Readiness check %s failed", name)
        return "failed"
    return "ok"
