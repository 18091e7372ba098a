"""Items over HTTP."""

from fastapi import APIRouter, Request, Response, status

from app.core.pagination import PageQuery
from app.core.problems import documented
from app.items.dependencies import ItemDep, ItemServiceDep
from app.items.models import Item
from app.items.schemas import ItemCreate, ItemPage, ItemRead, ItemUpdate

router = APIRouter(prefix="/items", tags=["items"])


@router.post("", status_code=status.HTTP_201_CREATED, response_model=ItemRead, responses=documented(409))
async def create_item(request: Request, response: Response, body: ItemCreate, service: ItemServiceDep) -> Item:
    """Create an item."""
    item = await service.create(body)
    response.headers["Location"] = request.url_for("read_item", item_id=item.id).path
    return item


@router.get("")
async def list_items(page: PageQuery, service: ItemServiceDep) -> ItemPage:
    """List items, oldest first."""
    found, total = await service.page(page.limit, page.offset)
    items = [ItemRead.model_validate(item) for item in found]
    return ItemPage(items=items, total=total, limit=page.limit, offset=page.offset)


@router.get("/{item_id}", response_model=ItemRead, responses=documented(404))
async def read_item(item: ItemDep) -> Item:
    """Return one item."""
    return item


@router.patch("/{item_id}", response_model=ItemRead, responses=documented(404, 409))
async def update_item(item: ItemDep, body: ItemUpdate, service: ItemServiceDep) -> Item:
    """Change some fields of an item; the others stay as they are."""
    return await service.update(item, body)


@router.delete("/{item_id}", status_code=status.HTTP_204_NO_CONTENT, responses=documented(404))
async def delete_item(item: ItemDep, service: ItemServiceDep) -> None:
    """Delete an item."""
    await service.delete(item)
