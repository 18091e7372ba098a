"""What can be done with many items: a page or a line at a time, whatever their number."""

import csv
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from io import StringIO
from itertools import islice
from typing import Any, Protocol
from uuid import UUID

from pydantic import ValidationError

from app.core.exceptions import Conflict, DomainError
from app.items.bulk.schemas import ImportEnd, ImportProgress, InvalidLine
from app.items.models import Item
from app.items.schemas import ItemCreate

# How many are in memory for each export, and in a statement of an import.
PAGE = 500
# After how many lines an import says how far it is.
STEP = 100


class ItemsRepository(Protocol):
    """What the services need of whatever stores items."""

    async def after(self, item_id: UUID | None, limit: int) -> Sequence[Item]:
        """Return some of those that follow this id, in the order of their ids."""

    async def taken(self, names: Sequence[str]) -> Sequence[str]:
        """Return which of these names cannot be used again."""

    async def add_all(self, new: Sequence[ItemCreate]) -> None:
        """Store them; raises `Conflict` if a unique value is taken, at the latest when the transaction ends."""


# Each call is a transaction of its own.
OpenItems = Callable[[], AbstractAsyncContextManager[ItemsRepository]]


class ItemExport:
    """All items that the caller may see."""

    def __init__(self, open_items: OpenItems, go_on: Callable[[], None]) -> None:
        self.open_items = open_items
        self.go_on = go_on

    async def after(self, item_id: UUID | None) -> AsyncGenerator[Item]:
        """Yield those that follow this id; between two pages a slow client holds neither a connection nor a lock."""
        last = item_id
        while True:
            async with self.open_items() as items:
                page = await items.after(last, PAGE)
            self.go_on()
            for item in page:
                yield item
            if len(page) < PAGE:
                return
            last = page[-1].id


class ItemImport:
    """The items of one file: all of them are stored, or none."""

    def __init__(self, table: bytes, open_items: OpenItems) -> None:
        self.table = table
        self.open_items = open_items
        self.new: dict[str, ItemCreate] = {}
        self.lines: dict[str, int] = {}
        self.refused = False

    def read(self) -> Iterator[ImportProgress | InvalidLine]:
        """Read and check the file; blocks, so a thread does it."""
        for step in self.steps():
            self.refused |= isinstance(step, InvalidLine)
            yield step

    def steps(self) -> Iterator[ImportProgress | InvalidLine]:
        """Yield what is wrong, and now and then how far it is."""
        try:
            table = csv.DictReader(StringIO(self.table.decode("utf-8-sig"), newline=""), restkey="", strict=True)
            # The first line of a file without names has values, which do not come back.
            if not ItemCreate.model_fields.keys() >= {*(table.fieldnames or ())}:
                yield InvalidLine(line=1, field="", code="unknown_column")
                return
            for number, cells in enumerate(table, 1):
                for field, code in self.faults(table.line_num, cells):
                    yield InvalidLine(line=table.line_num, field=field, code=code)
                if number % STEP == 0:
                    yield ImportProgress(lines=table.line_num)
            yield ImportProgress(lines=table.line_num)
        except UnicodeDecodeError as error:
            yield InvalidLine(line=self.table.count(b"\n", 0, error.start) + 1, field="", code="not_utf_8")
        except csv.Error:
            yield InvalidLine(line=table.line_num, field="", code="not_csv")

    def faults(self, line: int, cells: dict[str, Any]) -> list[tuple[str, str]]:
        """Keep what a line says, or return what is wrong in which field; an empty cell says nothing."""
        try:
            new = ItemCreate.model_validate({name: cell for name, cell in cells.items() if cell})
        except ValidationError as error:
            found = error.errors(include_url=False, include_context=False, include_input=False)
            return [(".".join(map(str, one["loc"])), one["type"]) for one in found]
        except DomainError as error:
            return [(field, error.code) for field in error.fields]
        if new.name in self.new:
            return [("name", Conflict.code)]
        self.new[new.name], self.lines[new.name] = new, line
        return []

    async def taken(self) -> AsyncGenerator[InvalidLine]:
        """Yield the lines whose names are taken."""
        for names in batched(self.new):
            async with self.open_items() as items:
                taken = await items.taken(names)
            for name in taken:
                self.refused = True
                yield InvalidLine(line=self.lines[name], field="name", code=Conflict.code)

    async def store(self) -> ImportEnd:
        """Store everything in one transaction, which waits for no client; nothing if anything is wrong."""
        if self.refused:
            return ImportEnd(stored=0, code="invalid")
        try:
            async with self.open_items() as items:
                for names in batched(self.new):
                    await items.add_all([self.new[name] for name in names])
        except DomainError as error:
            return ImportEnd(stored=0, code=error.code)
        return ImportEnd(stored=len(self.new), code="stored")


def batched(names: Iterable[str]) -> Iterator[list[str]]:
    """Cut them into pieces for one statement each."""
    rest = iter(names)
    while part := list(islice(rest, PAGE)):
        yield part
