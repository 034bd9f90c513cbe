"""Pages of a finished result: the national one drawn anew, one a county, a start page for all.

Nothing is computed again: the data of every page are those that map.html of the result holds, the
villages those of its plan.gpkg.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from geoplan.errors import SourceMissing, WrongUsage
from geoplan.export.folder import write_result
from geoplan.export.gis import VILLAGE_AREAS, VILLAGES
from geoplan.finished import whole_files
from geoplan.gazetteer import find_county
from geoplan.maps.base_map import BASE_MAPS, BaseMap, refuse_elsewhere, with_base_map
from geoplan.maps.county import county_data
from geoplan.maps.county_trial import NationTrial, county_trial
from geoplan.maps.encoding import opened
from geoplan.maps.page import page_data, page_of, start_page
from geoplan.maps.payload import page_texts
from geoplan.maps.start import start_data
from geoplan.maps.villages import Villages

MAP, START, GEOPACKAGE, SUMMARY = "map.html", "index.html", "plan.gpkg", "plan.json"

Files = Iterator[tuple[str, bytes]]
Told = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Pages:
    """Which pages are drawn: the national one, one county's, or all; and on which base map."""

    county: str | None = None  # its name or code
    every: bool = False  # the start page, the national page and those of all counties
    base_map: str | None = None  # one of maps.base_map.BASE_MAPS


@dataclass(frozen=True)
class Drawn:
    """A finished result whose pages are drawn: its folder, and the data of its map.html."""

    folder: Path
    data: dict[str, Any]
    trial: dict[str, str | None]
    base: BaseMap | None

    @property
    def counties(self) -> dict[str, str]:
        """File name of the page of each county, by code."""
        codes = sorted(opened(self.data["tables"]["counties"]["county_code"]))
        return {code: f"county-{_in_file_name(code)}.html" for code in codes}

    @cached_property
    def villages(self) -> Villages:
        return _villages(self.folder / GEOPACKAGE)

    @cached_property
    def nation(self) -> NationTrial | None:
        """What the counties' trials are cut from.

        Raises:
            SourceMissing: the page is of a version whose trial did not know the villages' codes.
        """
        found = NationTrial.of(self.trial, self.data["tables"])
        if found is not None and "village" not in found.told["points"]:
            raise SourceMissing("result_other", folder=self.folder, what=MAP)
        return found

    def national(self) -> str:
        data = {**self.data, "texts": page_texts()}
        return page_of(with_base_map(data, self.base), self.trial)

    def county(self, code: str, home: str | None) -> str:
        """The page of one county; `home`: the start page beside it."""
        data = county_data(self.data, code, self.villages, home)
        townships = opened(data["tables"]["townships"]["township_code"])
        trial = county_trial(self.nation, code, townships)
        return page_of(with_base_map(data, self.base), trial)

    def everything(self, told: Told) -> Files:
        """Start page, national page and every county's."""
        yield START, start_page(start_data(self.data, self.counties, MAP)).encode()
        yield MAP, self.national().encode()
        for done, (code, name) in enumerate(self.counties.items(), 1):
            yield name, self.county(code, START).encode()
            told("pages", done, len(self.counties))


def draw_pages(folder: Path, out: Path, pages: Pages, told: Told) -> list[str]:
    """Write pages of the result in `folder` into the folder `out`; the names of its files.

    Args:
        folder: a finished run.
        out: a folder of its own; former pages there are replaced.
        pages: which.
        told: what is being done, how many are done, of how many.

    Raises:
        SourceMissing: there is no finished result, it was changed, or it has no page to read.
        WrongUsage: no county of the result is called so, the base map does not show where it is,
            or `out` is the result itself.
        CannotWrite: `out` is in use for something else, locked, full or read-only.
    """
    lacking = sorted({MAP, GEOPACKAGE, SUMMARY} - whole_files(folder))
    if lacking:
        raise SourceMissing("result_other", folder=folder, what=", ".join(lacking))
    if out.resolve() == folder.resolve():
        raise WrongUsage("pages_onto_result", folder=folder)
    drawn = _read(folder, BASE_MAPS[pages.base_map] if pages.base_map else None)
    origin = (folder / SUMMARY).read_bytes()
    plan = json.loads(origin)
    about = {"geoplan": plan["geoplan"], "run_id": plan["run_id"], "study": plan["study"]["id"]}
    if pages.every:
        files = drawn.everything(told)
    elif pages.county is None:
        files = iter([(MAP, drawn.national().encode())])
    else:
        code = find_county(_townships(drawn.data["tables"]), pages.county)
        files = iter([(drawn.counties[code], drawn.county(code, None).encode())])
    written = list[str]()
    write_result(out, _noted(files, (SUMMARY, origin), written), about)
    return written


def _noted(files: Files, last: tuple[str, bytes], names: list[str]) -> Files:
    for name, content in files:
        names.append(name)
        yield name, content
    yield last


def _read(folder: Path, base: BaseMap | None) -> Drawn:
    """The data of the result's page.

    Raises:
        SourceMissing: its page is not one of geoplan's, or not all of one.
        WrongUsage: the base map does not show where the study is.
    """
    try:
        data, trial = page_data((folder / MAP).read_text("utf-8"))
    except (ValueError, KeyError):
        raise SourceMissing("result_other", folder=folder, what=MAP) from None
    if base is not None:
        refuse_elsewhere(data["tables"]["topology"], base)
    return Drawn(folder, data, trial, base)


def _in_file_name(code: str) -> str:
    """A code as it can stand in the name of a file and in a link: other signs than those of an id
    as `=` and their UTF-8 bytes in hexadecimal, so that no two codes become one.

    >>> _in_file_name("10013"), _in_file_name("../a")
    ('10013', '=2E=2E=2Fa')
    """
    return re.sub(
        r"[^A-Za-z0-9_-]",
        lambda sign: "".join(f"={byte:02X}" for byte in sign.group().encode()),
        code,
    )


def _villages(file: Path) -> Villages:
    """The villages of a plan.gpkg; no shapes where the study has none."""
    import pyogrio

    rows = pyogrio.read_dataframe(file, layer=VILLAGES, read_geometry=False)
    if VILLAGE_AREAS not in {name for name, _ in pyogrio.list_layers(file)}:
        names = ["village_code", "village_name", "township_code", "geometry"]
        return Villages(rows, pd.DataFrame(columns=names))
    areas = pyogrio.read_dataframe(file, layer=VILLAGE_AREAS)
    for name in ("village_name", "township_code"):
        if name not in areas:
            areas[name] = None
    return Villages(rows, areas)


def _townships(tables: dict[str, Any]) -> pd.DataFrame:
    """The townships as `gazetteer.find_county` asks for them."""
    frame = pd.DataFrame({name: opened(each) for name, each in tables["townships"].items()})
    counties = pd.DataFrame({name: opened(each) for name, each in tables["counties"].items()})
    return frame.merge(counties, on="county_code")
