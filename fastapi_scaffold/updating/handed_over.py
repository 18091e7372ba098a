"""Parts of a file that were the user's to change and become the template's alone."""

import re
from collections.abc import Mapping, Sequence

from fastapi_scaffold.system.files import Files
from fastapi_scaffold.updating.merge import Merger


def handed_over(rows: Mapping[str, Sequence[str]], merger: Merger, old: Files, new: Files) -> Files:
    """Return the user's files as the merge is to see them: with the parts as in `old` that become the template's alone.

    What these look like say the `rows`, for each path; in `new` they are to be found no more.
    """
    result = {}
    for path in rows.keys() & old.keys() & new.keys() & merger.committed.keys():
        mode, content = merger.file(merger.committed[path])
        seen = content
        for row in rows[path]:
            part = re.compile(row.encode(), re.MULTILINE)
            mine, known = part.search(seen), part.search(old[path][1])
            if mine and known and not part.search(new[path][1]):
                seen = seen[: mine.start()] + known[0] + seen[mine.end() :]
        if seen != content:
            result[path] = mode, seen
    return result
