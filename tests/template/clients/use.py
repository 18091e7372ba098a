"""What a client does by the code that openapi-python-client made of the document."""

import sys

from app_client import Client
from app_client.api.items import (
    items_create_item,
    items_delete_item,
    items_list_items,
    items_read_item,
    items_update_item,
)
from app_client.api.users import users_register
from app_client.models import ItemCreate, ItemPage, ItemRead, ItemStatus, ItemUpdate, Problem, UserCreate, UserRead
from app_client.models import ItemsListItemsSortItem as By
from enter import enter

[url] = sys.argv[1:]
email, password = "grace@example.com", "correct horse battery"
account = users_register.sync(client=Client(url), body=UserCreate(email=email, password=password))
assert isinstance(account, UserRead), account
client = enter(url, email, password)

for number, status in enumerate([ItemStatus.ACTIVE, ItemStatus.ACTIVE, ItemStatus.DRAFT]):
    made = items_create_item.sync(client=client, body=ItemCreate(f"Bicycle {number}", "120.00", status=status))
    assert isinstance(made, ItemRead), made

found, after = list[ItemRead](), None
while True:
    page = items_list_items.sync(
        client=client, status=[ItemStatus.ACTIVE], sort=[By("-created_at")], limit=1, after=after
    )
    assert isinstance(page, ItemPage), page
    found += page.items
    after = page.next_
    if not after:
        break
assert [item.name for item in found] == ["Bicycle 1", "Bicycle 0"]

read = items_read_item.sync_detailed(found[0].id, client=client)
tag = read.headers["ETag"]
for status_code in (200, 412):
    changed = items_update_item.sync_detailed(found[0].id, client=client, body=ItemUpdate(price="99.00"), if_match=tag)
    assert (changed.status_code, isinstance(changed.parsed, ItemRead)) == (status_code, status_code == 200)
gone = items_delete_item.sync_detailed(found[0].id, client=client)
assert gone.status_code == 204
missing = items_read_item.sync(found[0].id, client=client)
assert isinstance(missing, Problem)
assert missing.code == "item_not_found"
