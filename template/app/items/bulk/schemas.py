"""What clients get while their file is read."""

from app.core.schemas import ReadSchema


class ImportProgress(ReadSchema):
    """How far the file is read."""

    lines: int


class InvalidLine(ReadSchema):
    """What is wrong with a line; never the value that is there."""

    line: int
    field: str
    code: str


class ImportEnd(ReadSchema):
    """How it ended: everything is stored, or nothing, and `code` says why."""

    stored: int
    code: str
