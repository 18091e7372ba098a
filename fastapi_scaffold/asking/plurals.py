"""English nouns in the singular and in the plural, for names such as `sales_person`."""

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pluralizer import Pluralizer

# What the library takes for something else, or makes Latin of.
_IRREGULAR = {
    "axis": "axes",
    "basis": "bases",
    "bias": "biases",
    "index": "indexes",
    "lens": "lenses",
    "oasis": "oases",
    "schema": "schemas",
    "virus": "viruses",
}
_UNCOUNTED = ("data", "feedback", "goods", "metadata", "means", "series", "species")


def plural(name: str) -> str:
    """Return the plural of `name`: of its last word, for that is the noun."""
    before, separator, noun = name.rpartition("_")
    return before + separator + _library().plural(noun)


def singular(name: str) -> str | None:
    """Return the singular of a `name` that is a plural; nothing if it is a singular, or both."""
    before, separator, noun = name.rpartition("_")
    one = _library().singular(noun)
    # An abbreviation such as dns is no plural.
    if _library().is_singular(noun) or not set(one) & set("aeiouy"):
        return None
    return before + separator + one if _library().plural(one) == noun else None


@lru_cache(maxsize=1)
def _library() -> "Pluralizer":
    from pluralizer import Pluralizer

    library = Pluralizer()
    for one, many in _IRREGULAR.items():
        library.add_irregular_rule(one, many)
    for word in _UNCOUNTED:
        library.add_uncountable_rule(word)
    return library
