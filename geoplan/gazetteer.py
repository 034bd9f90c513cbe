"""Place names, codes and addresses to townships: 臺/台, old names, odd spaces, homonyms.

Names are folded for matching only; what a person wrote is kept as it is.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from geoplan.errors import GeoplanError, WrongUsage
from geoplan.paths import bundled

if TYPE_CHECKING:
    import pandas as pd

# Letters written in more than one way in place names.
LETTERS = str.maketrans({"台": "臺", "鷄": "雞", "双": "雙", "污": "汙"})
BLANKS = re.compile(r"[\s\u200b\ufeff\u2060]+")
PROVINCE = re.compile(r"^(?:中華民國|臺灣省|福建省)")


class Homonym(GeoplanError, LookupError):
    """A township name that several counties have, given without a county."""

    exit_code = 3


@dataclass(frozen=True, slots=True)
class OldName:
    """A name that was changed. A blank `old_township` renames the county with all its townships,
    whose 鄉, 鎮 or 市 became 區 where the county became a municipality."""

    old_county: str
    old_township: str
    county: str
    township: str


def fold(name: str) -> str:
    """The form in which names are compared: NFKC, no blanks, one letter for each, no province."""
    return PROVINCE.sub("", BLANKS.sub("", unicodedata.normalize("NFKC", name)).translate(LETTERS))


@cache
def bundled_old_names() -> tuple[OldName, ...]:
    """Taiwan's changes of names since 1982, from the bundled table."""
    path = bundled("data") / "boundaries" / "old_names.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        return tuple(
            OldName(
                fold(row["old_county"]),
                fold(row["old_township"]),
                fold(row["county_name"]),
                fold(row["township_name"]),
            )
            for row in csv.DictReader(lines)
        )


class Gazetteer:
    """Finds townships by name. Built from a table with the columns of `tables.TOWNSHIPS`."""

    def __init__(self, townships: pd.DataFrame, old_names: Sequence[OldName] | None = None) -> None:
        self._code: dict[tuple[str, str], str] = {}
        self._codes_of: dict[str, list[str]] = {}
        self._county_code: dict[str, str] = {}
        self._label: dict[str, str] = {}
        self._old = bundled_old_names() if old_names is None else tuple(old_names)
        for code, township, county, county_code in zip(
            townships["township_code"],
            townships["township_name"],
            townships["county_name"],
            townships["county_code"],
            strict=True,
        ):
            self._code[fold(county), fold(township)] = code
            self._codes_of.setdefault(fold(township), []).append(code)
            self._county_code[fold(county)] = county_code
            self._label[code] = f"{county}{township}"

    def find(self, county: str, township: str) -> str | None:
        """The code of a township, None if there is none of that name.

        Raises:
            Homonym: if no county is given and several have a township of that name.
        """
        codes = self.codes(county, township)
        if len(codes) > 1:
            raise Homonym("homonym", township=township, choices="、".join(self.labels(codes)))
        return codes[0] if codes else None

    def codes(self, county: str, township: str) -> tuple[str, ...]:
        """The codes that fit: none, one, or several where no county is given."""
        wanted, name = fold(county), fold(township)
        if not wanted:
            return tuple(sorted(self._codes_of.get(name) or self._split(name)))
        for pair in self._today(wanted, name):
            if pair in self._code:
                return (self._code[pair],)
        return ()

    def county(self, county: str) -> str | None:
        """The code of a county by its name of today or before; None if there is none."""
        name = fold(county)
        names = [name, *(old.county for old in self._old if old.old_county == name)]
        return next((self._county_code[each] for each in names if each in self._county_code), None)

    def from_address(self, address: str) -> str | None:
        """The township an address begins with; None unless it names county and township."""
        text = re.sub(r"^\d{3,6}", "", fold(address))
        found = [
            code
            for (county, township), code in self._code.items()
            if text.startswith(county + township)
        ]
        return found[0] if len(found) == 1 else next(iter(self._old_address(text)), None)

    def labels(self, codes: Iterable[str]) -> list[str]:
        """County and township names of codes, in order."""
        return [self._label[code] for code in sorted(codes)]

    def near(self, county: str, township: str) -> str:
        """The known place whose name is most like this one; blank if none is like it."""
        import difflib

        known = {county + township: code for (county, township), code in self._code.items()}
        found = difflib.get_close_matches(fold(county) + fold(township), known, n=1, cutoff=0.6)
        return self._label[known[found[0]]] if found else ""

    def _today(self, county: str, township: str) -> Iterable[tuple[str, str]]:
        """The pair itself, then what it was renamed to, the township's own change first."""
        for old in self._old:
            if old.old_county == county and old.old_township and old.old_township == township:
                yield old.county, old.township
        yield county, township
        for old in self._old:
            if old.old_county == county and not old.old_township:
                yield old.county, township
                yield old.county, re.sub(r"[鄉鎮市]$", "區", township)

    def _split(self, name: str) -> list[str]:
        """A county and a township written together (臺北市中正區), or an old township name."""
        known = [*self._county_code, *(old.old_county for old in self._old)]
        for county in sorted(set(known), key=len, reverse=True):
            if county and name.startswith(county) and len(name) > len(county):
                return list(self.codes(county, name[len(county) :]))
        return sorted(
            {
                self._code[old.county, old.township]
                for old in self._old
                if old.old_township == name and (old.county, old.township) in self._code
            }
        )

    def _old_address(self, text: str) -> list[str]:
        """The townships an address with names of before begins with."""
        for old in self._old:
            if old.old_county and text.startswith(old.old_county):
                rest = text[len(old.old_county) :]
                for length in range(4, 1, -1):
                    codes = self.codes(old.old_county, rest[:length])
                    if codes:
                        return list(codes)
        return []


def find_county(townships: pd.DataFrame, given: str) -> str:
    """The code of a county given by code, name (臺/台, old names) or English name.

    `townships` has the columns of `tables.TOWNSHIPS`.

    Raises:
        WrongUsage: there is none, or more than one is called so; names those there are.
    """
    counties = townships.drop_duplicates("county_code").sort_values("county_code")
    codes: list[str] = counties["county_code"].tolist()
    names: list[str] = counties["county_name"].tolist()
    if given.strip() in codes:
        return given.strip()
    called = [code for code, name in zip(codes, names, strict=True) if fold(name) == fold(given)]
    if not called and (before := Gazetteer(townships).county(given)):
        called = [before]
    if not called and "county_name_en" in counties:
        english = [_bare(name) for name in counties["county_name_en"].fillna("")]
        called = [code for code, name in zip(codes, english, strict=True) if name == _bare(given)]
    if len(called) == 1:
        return called[0]
    if not called:
        raise WrongUsage("unknown_county", county=given, known="、".join(names))
    known = "、".join(f"{name} ({code})" for code, name in zip(codes, names, strict=True))
    raise WrongUsage("county_many", county=given, known=known)


def _bare(name: str) -> str:
    """An English name as it is compared: folded, small letters, without County or City."""
    return fold(name).lower().removesuffix("county").removesuffix("city")
