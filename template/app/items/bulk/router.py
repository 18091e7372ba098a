"""Many items over HTTP."""

from collections.abc import AsyncIterator
from uuid import UUID

from fastapi import APIRouter, status
from fastapi.sse import EventSourceResponse, ServerSentEvent

from app.core.routes import FixedPath
from app.items.bulk.dependencies import CSV, ItemExportDep, ItemImportDep, ReadingDep
from app.items.bulk.schemas import ImportEnd, ImportProgress, InvalidLine
from app.items.schemas import ItemRead

# What the data of an event is.
KINDS = [{"$ref": f"#/components/schemas/{kind.__name__}"} for kind in (ImportProgress, InvalidLine, ImportEnd)]
EVENT = {"properties": {"data": {"contentMediaType": "application/json", "contentSchema": {"oneOf": KINDS}}}}
router = APIRouter(prefix="/items", tags=["items"], route_class=FixedPath)


@router.get("/export")
async def export_items(export: ItemExportDep, after: UUID | None = None) -> AsyncIterator[ItemRead]:
    """Return all items as JSON Lines, in a stable order; one that was cut continues `after` the last whole line."""
    async for item in export.after(after):
        yield ItemRead.model_validate(item)


@router.post(
    "/import",
    status_code=status.HTTP_200_OK,
    response_class=EventSourceResponse,
    response_model=ImportProgress | InvalidLine | ImportEnd,
    responses={200: {"content": {"text/event-stream": {"itemSchema": EVENT}}}},
    openapi_extra={"requestBody": {"required": True, "content": {CSV: {"schema": {}}}}},
)
async def import_items(importing: ItemImportDep, reading: ReadingDep) -> AsyncIterator[ServerSentEvent]:
    """Create the items of a CSV file, all or none.

    The events are `progress`, `invalid` for each fault, and at last `end`: without it nothing is certain.
    """
    async for step in reading:
        yield ServerSentEvent(event="invalid" if isinstance(step, InvalidLine) else "progress", data=step)
    async for line in importing.taken():
        yield ServerSentEvent(event="invalid", data=line)
    yield ServerSentEvent(event="end", data=await importing.store())
