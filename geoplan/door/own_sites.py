"""A planner's own rows: sites added, corrected or closed by id, and what that means for the lists.

An empty cell keeps what was known; a given one replaces it. A county whose list of a layer the
file touches becomes the planner's own list of that county ("planner").
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geoplan.door.checks import conform, some
from geoplan.door.places import Places, check_points
from geoplan.door.reading import Found
from geoplan.door.sites import check_signs, county_of, point_uses, township_of
from geoplan.door.study_checks import nearest
from geoplan.door.tables import OWN_SITES
from geoplan.model import Note

if TYPE_CHECKING:
    import pandas as pd

    from geoplan.study import Study

PLAIN = ("layer", "name", "address", "phone", "status", "source", "source_date", "note")
OTHER_NAMES = {"county_name": "county", "township_name": "township"}


Pairs = set[tuple[str, str]]
"""Layers and counties."""


@dataclass(frozen=True, slots=True)
class Lists:
    """The tables a planner's rows can change."""

    sites: pd.DataFrame
    service_areas: pd.DataFrame
    completeness: pd.DataFrame


Cells = dict[str, object]


@dataclass(frozen=True, slots=True)
class Ground:
    """What a planner's rows are read against: the study, its places and the sites known so far."""

    study: Study
    places: Places
    known: dict[str, Cells]
    blank: Cells
    file: str


@dataclass(slots=True)
class Change:
    """One row of the planner: the site as it is now, and as it was before if it was known."""

    row: int
    now: Cells
    before: Cells | None

    @property
    def kind(self) -> str:
        if self.now["status"] == "closed":
            return "closed"
        return "added" if self.before is None else "corrected"

    def counties(self) -> Pairs:
        """(layer, county) of the site now and before."""
        both = [self.now, self.before or self.now]
        return {(str(each["layer"]), str(each["county_code"])) for each in both}


def with_own_sites(
    read: tuple[str, pd.DataFrame], lists: Lists, study: Study, places: Places, found: Found
) -> Lists | None:
    """The lists with the planner's rows worked in; None when a row is not right."""
    file, frame = read
    before = len(found.faults)
    new = {old: ours for old, ours in OTHER_NAMES.items() if ours not in frame}
    typed = conform(frame.rename(columns=new), OWN_SITES, file, found)
    if typed is None:
        return None
    check_signs(typed, file, found)
    typed = with_points(typed)
    good = check_points(typed, places, file, found)
    known = {str(cells["site_id"]): cells for cells in rows_of(lists.sites)}
    ground = Ground(study, places, known, dict.fromkeys(lists.sites.columns, ""), file)
    changes = [
        change
        for row, cells in zip(typed.index, rows_of(typed), strict=True)
        if (change := change_of(row, cells, ground, found)) is not None
    ]
    placed = frozenset(typed.index[good])
    check_own_points([each for each in changes if each.row in placed], places, file, found)
    if len(found.faults) > before:
        return None
    return applied(changes, lists, study, places, found)


def rows_of(frame: pd.DataFrame) -> list[Cells]:
    """The rows of a table as dictionaries."""
    return [{str(name): cell for name, cell in row.items()} for row in frame.to_dict("records")]


def with_points(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows with lon and lat columns, unknown where the file has none."""
    blank = {name: np.full(len(frame), np.nan) for name in ("lon", "lat") if name not in frame}
    return frame.assign(**blank)


def change_of(row: int, cells: Cells, ground: Ground, found: Found) -> Change | None:
    """What one row asks for; None (and its faults) when it cannot be done."""
    site = str(cells["site_id"])
    old = ground.known.get(site)
    layer = str(cells["layer"]) or str(old["layer"] if old else "")
    if not may_be_done(row, cells, layer, ground, found):
        return None
    now = dict(old or ground.blank)
    now |= {name: cells[name] for name in PLAIN if cells.get(name)}
    now |= {"site_id": site, "layer": layer, "origin": "planner"}
    now["status"] = now.get("status") or "existing"
    if cells.get("capacity") == cells.get("capacity") and "capacity" in cells:
        now["capacity"] = cells["capacity"]
    elif old is None:
        now["capacity"] = np.nan
    if not put_in_place(now, cells, ground.places, (ground.file, row), found):
        return None
    put_point(now, cells, moved=old is not None and old["township_code"] != now["township_code"])
    if old is not None and old["status"] == now["status"] == "closed":
        now["origin"] = old["origin"]  # it was closed before: this row takes nothing away
    return Change(row, now, old)


def may_be_done(row: int, cells: Cells, layer: str, ground: Ground, found: Found) -> bool:
    """Is the layer one of the study's, and does the row say enough for what it asks?"""
    file, old = ground.file, ground.known.get(str(cells["site_id"]))
    layers = [each.id for each in ground.study.layers]
    if not layer:
        found.fault("layer_needed", file, [row], "layer", choices=", ".join(layers))
    elif layer not in layers:
        near = nearest(layer, layers)
        values = {"given": layer, "choices": ", ".join(layers), "near": near or ""}
        code = "unknown_layer_near" if near else "unknown_layer"
        found.fault(code, file, [row], "layer", **values)
    elif old is not None and layer != old["layer"]:
        found.fault("layer_differs", file, [row], "layer", given=layer, known=old["layer"])
    elif old is None and cells.get("status") == "closed":
        found.fault("closing_unknown", file, [row], "site_id", id=cells["site_id"])
    elif old is None and not cells["name"]:
        found.fault("new_site_without_name", file, [row], "name", id=cells["site_id"])
    else:
        return True
    return False


def put_in_place(
    now: Cells,
    cells: Cells,
    places: Places,
    where: tuple[str, int],
    found: Found,
) -> bool:
    """Set county and township by the names given; False when a name leads nowhere."""
    county, township = str(cells["county"]), str(cells["township"])
    if not county and not township and now["county_code"]:
        return True
    if township:
        given = county or ("" if not now["county_name"] else str(now["county_name"]))
        code = township_of((given, township), places, (*where, "township"), found)
        if not code:
            return False
        now["township_code"], now["county_code"] = code, places.county_of[code]
        now["county_name"], now["township_name"] = places.names[code]
        return True
    code = county_of(county, places, (*where, "county"), found)
    if not code:
        return False
    if code != now["county_code"]:
        now["township_code"] = now["township_name"] = ""
    now["county_code"], now["county_name"] = code, places.county_names[code]
    return True


def put_point(now: Cells, cells: Cells, moved: bool) -> None:
    """Set the point: the one given, else the old one unless the site moved to another township."""
    lon, lat = cells.get("lon", np.nan), cells.get("lat", np.nan)
    if lon == lon and lat == lat:
        now["lon"], now["lat"] = lon, lat
        now["point_precision"] = cells.get("point_precision") or "unknown"
        now["point_use"] = "given"
    elif moved or now.get("lon") in ("", None):
        now |= {"lon": np.nan, "lat": np.nan, "point_precision": "unknown", "point_use": "none"}


def check_own_points(changes: list[Change], places: Places, file: str, found: Found) -> None:
    """A planner's point lies in the township stated for it; where it does not, it is told where
    it lies. Sets `point_use` of every point that was given."""
    import pandas as pd

    given = [change for change in changes if change.now["point_use"] == "given"]
    if not given:
        return
    frame = pd.DataFrame([change.now for change in given], [change.row for change in given])
    lon, lat = frame["lon"].to_numpy(float), frame["lat"].to_numpy(float)
    uses = point_uses(frame, np.ones(len(frame), dtype=np.bool_), places)
    for change, use, at in zip(given, uses, places.township_at(lon, lat), strict=True):
        change.now["point_use"] = use
        if use == "suspect" and at:
            found.fault(
                "point_in_another_township",
                file,
                [change.row],
                "lon, lat",
                stated=f"{change.now['county_name']}{change.now['township_name']}",
                lies="".join(places.names[at]),
            )
        elif use == "suspect":
            found.fault("point_in_no_township", file, [change.row], "lon, lat")


def applied(
    changes: list[Change], lists: Lists, study: Study, places: Places, found: Found
) -> Lists:
    """The lists after all changes, with a note for each county and layer touched."""
    import pandas as pd

    own = pd.DataFrame([change.now for change in changes], columns=list(lists.sites.columns))
    rest = lists.sites[~lists.sites["site_id"].isin(own["site_id"])]
    sites = pd.concat([rest, own.astype(rest.dtypes.to_dict())], ignore_index=True)
    closed = {str(each.now["site_id"]) for each in changes if each.kind == "closed"}
    areas = lists.service_areas[~lists.service_areas["site_id"].isin(closed)]
    areas = pd.concat([areas, new_areas(changes, areas, study, found)], ignore_index=True)
    whole = listed_whole(changes, sites)
    found.notes.extend(notes_of(changes, whole, study, places))
    for layer, name, ids in doubles(changes, rest):
        found.note("planner_double", layer=layer, name=name, sites=some(ids))
    touched = {pair for change in changes for pair in change.counties()}
    told = told_by_planner(lists.completeness, sites, (touched, whole), places)
    return Lists(sites, areas, told)


def listed_whole(changes: list[Change], sites: pd.DataFrame) -> Pairs:
    """Layers and counties of which the planner's file names every site that stands: his own list.

    A file that corrects one row of many says nothing about the rest, and makes nothing complete.
    """
    touched = {pair for change in changes for pair in change.counties()}
    named = {str(change.now["site_id"]) for change in changes}
    standing = sites[sites["status"] == "existing"]
    others = standing[~standing["site_id"].isin(named)]
    return touched - set(zip(others["layer"], others["county_code"], strict=True))


def new_areas(
    changes: list[Change], areas: pd.DataFrame, study: Study, found: Found
) -> pd.DataFrame:
    """An added site of a layer assigned by service area serves its own township, which is said."""
    import pandas as pd

    assigned = {each.id for each in study.layers if "service_area" in each.eligibility}
    rows = [
        {name: change.now.get(name, "") for name in areas.columns}
        for change in changes
        if change.kind == "added"
        and change.now["layer"] in assigned
        and change.now["township_code"]
    ]
    if rows:
        ids = [str(row["site_id"]) for row in rows]
        found.note("planner_area", count=len(rows), sites=some(ids))
    return pd.DataFrame(rows, columns=list(areas.columns), dtype=object)


def notes_of(changes: list[Change], whole: Pairs, study: Study, places: Places) -> Iterator[Note]:
    """One note for each layer and county: how many rows the planner added, corrected, closed."""
    layers = {each.id: each for each in study.layers}
    for layer, county in sorted({pair for change in changes for pair in change.counties()}):
        kinds = [change.kind for change in changes if (layer, county) in change.counties()]
        yield Note(
            "planner_list" if (layer, county) in whole else "planner_rows",
            {
                "layer": layer,
                "layer_zh": layers[layer].name_zh,
                "layer_en": layers[layer].name_en,
                "county": places.county_names[county],
                **{kind: kinds.count(kind) for kind in ("added", "corrected", "closed")},
            },
        )


def doubles(changes: list[Change], rest: pd.DataFrame) -> Iterator[tuple[str, str, list[str]]]:
    """Added sites that bear the name of a site of the same layer in the same township."""
    standing = rest[rest["status"] == "existing"]
    for change in changes:
        if change.kind != "added":
            continue
        same = (standing["layer"] == change.now["layer"]) & (standing["name"] == change.now["name"])
        same &= standing["township_code"] == change.now["township_code"]
        if same.any():
            ids = [str(change.now["site_id"]), *standing.loc[same, "site_id"]]
            yield str(change.now["layer"]), str(change.now["name"]), ids


def told_by_planner(
    table: pd.DataFrame, sites: pd.DataFrame, pairs: tuple[Pairs, Pairs], places: Places
) -> pd.DataFrame:
    """Completeness rows of the touched counties with the sites now named; "planner" where the
    file lists the whole county. `pairs` are the touched and the whole ones."""
    import pandas as pd

    rows = rows_of(table)
    at = {(row["layer"], row["county_code"]): row for row in rows}
    standing = sites[sites["status"] == "existing"]
    for layer, county in sorted(pairs[0]):
        row = at.get((layer, county))
        if row is None:
            row = dict.fromkeys(table.columns, "")
            row["completeness"] = "unknown"
            row |= {"layer": layer, "county_code": county, "reported_existing": np.nan}
            row["county_name"] = places.county_names[county]
            rows.append(row)
        here = (standing["layer"] == layer) & (standing["county_code"] == county)
        row["named"] = int(here.sum())
        if (layer, county) in pairs[1]:
            row["completeness"] = "planner"
    return pd.DataFrame(rows, columns=list(table.columns)).astype(table.dtypes.to_dict())
