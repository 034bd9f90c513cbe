"""Names of counties and townships to codes, from the committed table of township names."""

from __future__ import annotations

from functools import cache

import pandas as pd

from builders.common import DATA, name_of_county, read_text_table


@cache
def names() -> pd.DataFrame:
    """The 368 townships with their counties."""
    return read_text_table(DATA / "boundaries" / "township_names.csv")


def county_codes(county: pd.Series) -> pd.Series:
    """The code of each county name; blank for blank. Raises ValueError for an unknown name."""
    known = dict(zip(names()["county_name"], names()["county_code"], strict=True))
    known[""] = ""
    found = county.map(name_of_county).map(known)
    if found.isna().any():
        raise ValueError(f"unknown county {county[found.isna()].iloc[0]!r}")
    return found


def township_codes(county: pd.Series, township: pd.Series) -> pd.Series:
    """The code of each (county, township) pair of names; blank where no township is named.

    Township names repeat between counties, so the county is always part of the key. Raises
    ValueError for a pair that does not exist.
    """
    table = names()
    known = {
        (c, t): code
        for c, t, code in zip(
            table["county_name"], table["township_name"], table["township_code"], strict=True
        )
    }
    codes: list[str] = []
    for c, t in zip(county.map(name_of_county), township, strict=True):
        if t and (c, t) not in known:
            raise ValueError(f"unknown township {t!r} in {c!r}")
        codes.append(known[(c, t)] if t else "")
    return pd.Series(codes, index=township.index, dtype=object)
