"""Names of routes: what class of road each is, and the order in which they are listed."""

from __future__ import annotations

import re
import unicodedata

EXPRESSWAYS = frozenset(
    (
        *("台61", "台61乙", "台62", "台62甲", "台63", "台63甲", "台64", "台65", "台66"),
        *(
            "台68",
            "台68甲",
            "台72",
            "台74",
            "台74甲",
            "台76",
            "台78",
            "台82",
            "台84",
            "台86",
            "台88",
        ),
    )
)
"""Numbered as provincial roads, built as motorways without crossings."""

ROUTE = re.compile(r"([台國])(\d+)(\D*)(\d*)")
FREEWAY_IN_NAME = re.compile(r"國道?\s*(\d+)\s*號?\s*(甲?)")


def tidy(name: str) -> str:
    """A route as it is written here: no spaces, plain digits, 台 for 臺."""
    return unicodedata.normalize("NFKC", name).replace("臺", "台").replace(" ", "").strip()


def is_provincial(route: str) -> bool:
    """Is it the name of a provincial road or expressway (台9, 台7甲, 台20臨105)?"""
    found = ROUTE.fullmatch(route)
    return found is not None and found[1] == "台"


def freeway_in(name: str) -> str:
    """The freeway that a file name or a text names (國道3號甲 -> 國3甲); blank if none."""
    found = FREEWAY_IN_NAME.search(unicodedata.normalize("NFKC", name))
    return f"國{int(found[1])}{found[2]}" if found else ""


def road_class(route: str) -> str:
    """freeway, expressway or provincial."""
    if route.startswith("國"):
        return "freeway"
    return "expressway" if route in EXPRESSWAYS else "provincial"


def order_of(route: str) -> tuple[bool, int, str, int]:
    """Provincial roads before freeways, by number, then by what follows the number."""
    found = ROUTE.fullmatch(route)
    if found is None:
        raise ValueError(f"{route!r} is not the name of a route")
    return found[1] == "國", int(found[2]), found[3], int(found[4] or 0)
