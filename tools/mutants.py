"""Small faults that somebody could make in Python code: one operator, bound, default, argument or line at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import count
from typing import Any

from cosmic_ray.ast import get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator
from cosmic_ray.operators.provider import OperatorProvider

# A part of the tree that parso reads; its attributes differ by its type.
Node = Any
# Of the replacements of one operator the nearest: what survives a farther one, survives this one too.
NEAREST = [
    *(f"ReplaceBinaryOperator_{one}" for one in ("Add_Sub", "Sub_Add", "Mul_Div", "Div_Mul", "FloorDiv_Mul")),
    *(f"ReplaceComparisonOperator_{one}" for one in ("Eq_NotEq", "NotEq_Eq", "Lt_LtE", "LtE_Lt", "Gt_GtE", "GtE_Gt")),
    *(f"ReplaceComparisonOperator_{one}" for one in ("Is_IsNot", "IsNot_Is")),
    *(f"ReplaceUnaryOperator_{one}" for one in ("USub_UAdd", "Delete_Not")),
    *["AddNot", "ReplaceTrueWithFalse", "ReplaceFalseWithTrue", "ReplaceAndWithOr", "ReplaceOrWithAnd"],
    *["ReplaceBreakWithContinue", "ReplaceContinueWithBreak", "NumberReplacer"],
    *["RemoveDecorator", "ZeroIterationForLoop"],
]


LIST = "arglist"


class Replacing(Operator):  # type: ignore[misc]  # the library has no types
    """Replaces a part of the code; which, a subclass knows."""

    @classmethod
    def examples(cls) -> tuple[()]:
        """Return nothing: they are for the library's own tests."""
        return ()


class DropArgument(Replacing):
    """Leaves out an argument with a name, or the last of several, of a call."""

    def mutation_positions(self, node: Node) -> Iterator[Any]:
        """Yield where each argument is that can go."""
        yield from ((one.start_pos, one.end_pos) for one in self.removable(node))

    def mutate(self, node: Node, index: int) -> Node:
        """Remove the argument, and a comma beside it."""
        gone = self.removable(node)[index]
        at = node.children.index(gone)
        if node.type == LIST and at:  # with the comma before it
            del node.children[at - 1 : at + 1]
        else:
            del node.children[at : at + 2 if node.type == LIST else at + 1]
        return node

    def removable(self, node: Node) -> list[Any]:
        """Return the arguments of a list of arguments, or of a call with just one."""
        if node.type == LIST:
            given = [one for one in node.children if one.type != "operator"]
            return [one for one in given if is_named(one) or one is given[-1]]
        return [one for one in getattr(node, "children", ()) if node.type == "trailer" and is_named(one)]


class MissException(Replacing):
    """Catches another exception; the library's own replacement breaks off at names with a dot."""

    def mutation_positions(self, node: Node) -> Iterator[Any]:
        """Yield where the clause is."""
        if node.type == "except_clause":
            yield node.start_pos, node.end_pos

    def mutate(self, node: Node, index: int) -> Node:
        """Let the clause name what nobody raises."""
        del index
        node.children[1] = get_ast(" NotImplementedError")
        return node


class DropStatement(Replacing):
    """Leaves out a statement that only has an effect: a call, an assignment to an attribute, a `raise`."""

    def mutation_positions(self, node: Node) -> Iterator[Any]:
        """Yield where the statement is."""
        if node.type == "simple_stmt" and acts(node.children[0]):
            yield node.start_pos, node.end_pos

    def mutate(self, node: Node, index: int) -> Node:
        """Let `pass` stand there."""
        del index
        nothing = get_ast("pass\n").children[0]
        nothing.get_first_leaf().prefix = node.get_first_leaf().prefix
        return nothing


def is_named(node: Node) -> bool:
    """Return whether this is an argument with a name."""
    return bool(node.type == "argument" and node.children[1] == "=")


def acts(node: Node) -> bool:
    """Return whether a statement does something and gives nothing a name."""
    if node.type in {"raise_stmt", "await_expr"} or (node.type == "keyword" and node.value == "raise"):
        return True
    if node.type == "expr_stmt":
        return node.children[0].type == "atom_expr" and node.children[1].type in {"operator", "augassign"}
    return bool(
        node.type == "atom_expr" and node.children[-1].type == "trailer" and node.children[-1].children[0] == "("
    )


@dataclass(frozen=True)
class Mutant:
    """One changed file of a project: what stood in the lines that differ, and what stands there now."""

    file: str
    number: int
    before: str
    after: str
    text: str

    def __str__(self) -> str:
        """Return it as people read it."""
        return f"{self.file}:{self.number}\n  - {self.before}\n  + {self.after}"


def mutants_of(file: str, text: str) -> Iterator[Mutant]:
    """Yield each different text, one fault away from this one, that is Python."""
    provider, seen = OperatorProvider(), {text}
    for operator in [*(provider[name]() for name in NEAREST), MissException(), DropArgument(), DropStatement()]:
        for occurrence in count():
            changed = mutate_code(text, operator, occurrence)
            if changed is None:
                break
            if changed not in seen and parses(changed):
                seen.add(changed)
                yield mutant(file, text, changed)


def mutant(file: str, before: str, after: str) -> Mutant:
    """Return what differs between two texts."""
    old, new = before.splitlines(), after.splitlines()
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    _, at, until, since, end = next(code for code in matcher.get_opcodes() if code[0] != "equal")
    return Mutant(file, at + 1, " ".join(old[at:until]).strip(), " ".join(new[since:end]).strip(), after)


def parses(text: str) -> bool:
    """Return whether Python reads it."""
    try:
        compile(text, "mutant", "exec")
    except SyntaxError:
        return False
    return True
