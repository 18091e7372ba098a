"""When a text is the sum of two others, which both come from a fourth: what two changes make together.

The rule is that of a three-way merge, `git merge-file`: where the changes are at different places, the sum has both,
and nothing else. A merge gives up where they meet, and two extras meet often: their entries stand beside each other in
lists, and a line that holds a list is written by both. There the sum is still exact, but for the one thing that a merge
cannot know, the order of the two:

- Where both only add lines, the sum has the lines of both, each in their order, and no other line. It may put the ones
  between the others, as sorted imports need; a line that both add may be there once.
- Where both write a line that holds a list, the same is true of its words. How long such a line gets decides whether it
  is broken, so blanks, commas and round brackets do not count; ruff sees to them, in projects that have all extras.

So nothing that the one or the other adds may be lost, changed by the other, or stand at another place; and nothing may
be there that neither adds. Two that change the same word differently have no sum.
"""

import re
import subprocess
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

Lines = tuple[str, ...]
# What the one makes, what there was, and what the other makes of it.
Meeting = tuple[Lines, Lines, Lines]
MARKS = tuple(sign * 20 for sign in "<|=>")
WORD = re.compile(r"[^\s,()\[\]{}:]+|[\[\]{}:]")


def is_sum(whole: str, one: str, base: str, other: str) -> bool:
    """Tell whether `whole` is what `one` and `other`, which both come from `base`, make together."""
    if base in {one, other}:
        return whole == (other if one == base else one)
    return _follows(_lines(whole), *_merged(*map(_lines, (one, base, other))), _lines_meet)


def _lines(text: str) -> Lines:
    return tuple(text.split("\n"))


def _words(lines: Lines) -> Lines:
    return tuple(WORD.findall("\n".join(lines)))


@cache
def _merged(one: Lines, base: Lines, other: Lines) -> tuple[list[Lines], list[Meeting]]:
    """Return what a merge makes: the lines that it is sure of, and between each two of these where the changes meet."""
    with TemporaryDirectory() as directory:
        files = [Path(directory, name) for name in ("one", "base", "other")]
        for file, lines in zip(files, (one, base, other), strict=True):
            file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        command = ["git", "merge-file", "--stdout", "--diff3", f"--marker-size={len(MARKS[0])}", *map(str, files)]
        done = subprocess.run(command, capture_output=True, check=False)
    # Up to 127 it is the number of places where they meet.
    assert done.returncode <= 127, done.stderr
    parts: list[list[str]] = [[]]
    for line in done.stdout.decode().split("\n")[:-1]:
        if line.startswith(MARKS):
            parts.append([])
        else:
            parts[-1].append(line)
    found = [tuple(part) for part in parts]
    return found[::4], list(zip(found[1::4], found[2::4], found[3::4], strict=True))


def _follows(
    whole: Lines, sure: Sequence[Lines], meetings: Sequence[Meeting], meet: Callable[[Lines, Meeting], bool]
) -> bool:
    """Tell whether `whole` is what is sure, with something between that is right where two changes `meet`."""
    ends = {len(sure[0])} if whole[: len(sure[0])] == sure[0] else set()
    for meeting, lines in zip(meetings, sure[1:], strict=True):
        begins = {at for at in range(len(whole) + 1) if whole[at : at + len(lines)] == lines}
        ends = {at + len(lines) for end in ends for at in begins if at >= end and meet(whole[end:at], meeting)}
    return len(whole) in ends


def _lines_meet(whole: Lines, meeting: Meeting) -> bool:
    return _words_meet(whole, meeting) or _follows(_words(whole), *_merged(*map(_words, meeting)), _words_meet)


def _words_meet(whole: Lines, meeting: Meeting) -> bool:
    one, base, other = meeting
    return not base and _woven(whole, one, other)


def _woven(whole: Lines, one: Lines, other: Lines) -> bool:
    """Tell whether each line of `whole` is the next one of the one, of the other, or of both."""
    used = {(0, 0)}
    for line in whole:
        this = {(i, j): (one[i : i + 1] == (line,), other[j : j + 1] == (line,)) for i, j in used}
        used = {(i + 1, j) for (i, j), (its, _) in this.items() if its}
        used |= {(i, j + 1) for (i, j), (_, its) in this.items() if its}
        used |= {(i + 1, j + 1) for (i, j), both in this.items() if all(both)}
    return (len(one), len(other)) in used
