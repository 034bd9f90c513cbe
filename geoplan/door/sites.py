"""The sites of a layer: placed in their townships, each point judged for what it is fit for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from geoplan.door.checks import check_codes, conform, some, texts, with_columns
from geoplan.door.manifest import SourceFile
from geoplan.door.places import Places, check_points
from geoplan.door.reading import Found
from geoplan.door.tables import SITES
from geoplan.gazetteer import fold
from geoplan.model import Bools
from geoplan.trial import AREA, LEAST, PROPOSED

if TYPE_CHECKING:
    import pandas as pd

PLACE = ("county_code", "county_name", "township_code", "township_name")
RESERVED = (AREA, LEAST, PROPOSED)
"""Ids that begin so are geoplan's own."""
BETWEEN = ";"
"""Between the ids of a cell that names several sites."""
FINE = ("rooftop", "street", "unknown")
"""Precisions whose point may be measured to once it lies in the stated township."""


def layer_sites(
    frame: pd.DataFrame, source: SourceFile, layer: str, places: Places, found: Found
) -> pd.DataFrame | None:
    """The sites of one layer's file with every column of `tables.SITES`; None if unusable.

    A site is placed by its township code, else by its names, else by its county alone. A point
    whose file does not say what it is fit for is fit for distance if it lies in its township.
    """
    typed = conform(frame, SITES, source.shown, found, source.columns)
    if typed is None:
        return None
    file = source.shown
    check_signs(typed, file, found)
    filled = with_all_columns(typed)
    check_layer(filled, layer, file, found)
    filled["layer"] = layer
    filled["status"] = filled["status"].where(filled["status"] != "", "existing")
    filled = placed(filled, places, file, found)
    good = check_points(filled, places, file, found)
    if "point_use" not in typed:
        filled["point_use"] = point_uses(filled, good, places)
        outside = filled.index[filled["point_use"] == "suspect"]
        if len(outside):
            found.note(
                "points_outside_township",
                file=file,
                count=len(outside),
                sites=some(list(filled.loc[outside, "site_id"])),
            )
    else:
        check_uses(filled, good, file, found)
    return filled.assign(origin="bundled")


def with_all_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with every column of `tables.SITES`, blank where the file has none."""
    blank: dict[str, object] = {}
    for column in SITES.columns:
        if column.name not in frame:
            number = column.kind in ("lon", "lat", "number")
            blank[column.name] = np.full(len(frame), np.nan if number else "", dtype=object)
    result = with_columns(frame, blank)
    for name in ("lon", "lat", "capacity"):
        result[name] = result[name].astype(float)
    if "point_precision" in blank:
        result["point_precision"] = "unknown"
    return result


def check_layer(frame: pd.DataFrame, layer: str, file: str, found: Found) -> None:
    """A layer's file holds no site of another layer."""
    other = ~frame["layer"].isin(["", layer])
    if other.any():
        given = some(sorted(set(frame.loc[other, "layer"])))
        found.fault(
            "site_of_another_layer", file, frame.index[other], "layer", given=given, layer=layer
        )


def placed(frame: pd.DataFrame, places: Places, file: str, found: Found) -> pd.DataFrame:
    """County and township codes and names of each row, from codes first and names else."""
    frame = frame.assign(
        township_code=check_codes(frame["township_code"], places.codes, "township", file, found),
        county_code=check_codes(frame["county_code"], places.county_codes, "county", file, found),
    )
    by_name = (frame["township_code"] == "") & (frame["township_name"] != "")
    for row in frame.index[by_name]:
        county, township = frame.loc[row, "county_name"], frame.loc[row, "township_name"]
        frame.loc[row, "township_code"] = township_of(
            (county, township), places, (file, row, "township_name"), found
        )
    by_county = (frame["county_code"] == "") & (frame["township_code"] == "") & ~by_name
    for row in frame.index[by_county]:
        frame.loc[row, "county_code"] = county_of(
            frame.loc[row, "county_name"], places, (file, row, "county_name"), found
        )
    check_names(frame, places, file, found)
    county = frame["township_code"].map(places.county_of)
    frame["county_code"] = county.where(county.notna(), frame["county_code"])
    known = frame["county_code"].map(places.county_names)
    frame["county_name"] = known.where(known.notna(), frame["county_name"])
    names = frame["township_code"].map({code: name for code, (_, name) in places.names.items()})
    frame["township_name"] = names.where(names.notna(), frame["township_name"])
    return frame


Where = tuple[str, int, str]
"""File, row and column of a cell."""


def township_of(names: tuple[str, str], places: Places, where: Where, found: Found) -> str:
    """The code of a township by county and township name; blank with a fault if there is none."""
    county, township = names
    file, row, column = where
    codes = places.gazetteer.codes(county, township)
    if len(codes) == 1:
        return codes[0]
    if codes:
        choices = "、".join(places.gazetteer.labels(codes))
        found.fault("homonym", file, [row], column, name=township, choices=choices)
        return ""
    near = places.gazetteer.near(county, township)
    code = "township_name_unknown_near" if near else "township_name_unknown"
    found.fault(code, file, [row], column, name=county + township, near=near)
    return ""


def county_of(county: str, places: Places, where: Where, found: Found) -> str:
    """The code of a county by its name; blank with a fault if there is none."""
    file, row, column = where
    code = places.gazetteer.county(county) if county else None
    if code is None:
        name = "county_name_unknown" if county else "no_place"
        found.fault(name, file, [row], column, name=county)
    return code or ""


def check_names(frame: pd.DataFrame, places: Places, file: str, found: Found) -> None:
    """Where code and names are both given they must mean the same place."""
    wrong = []
    for row, code, county_code, county, township in frame[
        ["township_code", "county_code", "county_name", "township_name"]
    ].itertuples(name=None):
        if not code or code not in places.names:
            continue
        names = places.names[code]
        same = not county or fold(county) == fold(names[0])
        same &= not township or fold(township) == fold(names[1])
        # An old name of the same place is no contradiction.
        same = same or code in places.gazetteer.codes(county, township)
        other = county_code in places.county_codes and county_code != places.county_of[code]
        if not same or other:
            wrong.append(row)
    if wrong:
        first = frame.loc[wrong[0]]
        found.fault(
            "code_and_name_differ",
            file,
            wrong,
            "township_code",
            given=first["township_code"],
            means="".join(places.names[first["township_code"]]),
            name=first["county_name"] + first["township_name"],
        )


def point_uses(frame: pd.DataFrame, good: Bools, places: Places) -> pd.Series:
    """What each point is fit for: distance, suspect, township or none (`tables.POINT_USES`)."""
    lon, lat = frame["lon"].to_numpy(float), frame["lat"].to_numpy(float)
    inside = np.zeros(len(frame), dtype=bool)
    inside[good] = places.in_township(
        frame["township_code"].to_numpy(object)[good], lon[good], lat[good]
    )
    fine = frame["point_precision"].isin(FINE).to_numpy(bool)
    stated = (frame["township_code"] != "").to_numpy(bool)
    uses = np.select(
        [~good, ~fine, inside, stated], ["none", "township", "distance", "suspect"], "none"
    )
    import pandas as pd

    return pd.Series(uses.astype(object), frame.index, object)


def check_uses(frame: pd.DataFrame, good: Bools, file: str, found: Found) -> None:
    """No point is declared fit for distance that is not there, or only a township's."""
    use = frame["point_use"]
    missing = use.isin(["distance", "suspect"]) & ~good & frame["lon"].isna()
    if missing.any():
        found.fault("point_use_without_point", file, frame.index[missing], "point_use")
    coarse = (use == "distance") & (frame["point_precision"] == "township")
    if coarse.any():
        found.fault("point_use_too_fine", file, frame.index[coarse], "point_use")


def check_signs(frame: pd.DataFrame, file: str, found: Found) -> None:
    """No id looks like one that geoplan gives to areas and proposals, or like a list of ids."""
    ids = frame["site_id"].astype(str)
    wrong = ids.str.startswith(RESERVED) | ids.str.contains(BETWEEN, regex=False)
    if wrong.any():
        found.fault("id_reserved", file, frame.index[wrong], "site_id", ids=some(list(ids[wrong])))


def check_ids(frames: Iterable[tuple[str, pd.DataFrame]], found: Found) -> None:
    """No site id stands in two files."""
    seen: dict[str, str] = {}
    for file, frame in frames:
        again = frame[frame["site_id"].isin(seen.keys()) & (frame["site_id"] != "")]
        if len(again):
            ids = list(again["site_id"])
            found.fault(
                "id_in_two_files", file, again.index, "site_id", ids=some(ids), other=seen[ids[0]]
            )
        seen.update(dict.fromkeys(frame["site_id"], file))


def text_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with every text column of dtype object."""
    text = [name for name in frame.columns if frame[name].dtype.kind == "O"]
    return with_columns(frame, {name: texts(frame[name].fillna(""), str) for name in text})
