"""The registry of writers: which files a result has, and what makes each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from geoplan.export.files import csv_bytes, plan_json, sites_geojson, villages_parquet
from geoplan.export.gis import geopackage
from geoplan.export.lists import Lists, make_lists
from geoplan.export.workbook import workbook_bytes
from geoplan.model import Plan
from geoplan.reporting.report import report_html
from geoplan.tables import DETAILS


def detail_csv(table: str, lists: Lists) -> bytes:
    """One of the tables that stand behind the rows."""
    return csv_bytes(lists.details[table])


WRITERS: dict[str, Callable[[Lists], bytes]] = {
    "underserved.xlsx": workbook_bytes,
    "underserved.csv": lambda lists: csv_bytes(lists.underserved),
    "townships.csv": lambda lists: csv_bytes(lists.townships),
    "villages.parquet": villages_parquet,
    "sites.csv": lambda lists: csv_bytes(lists.sites),
    "sites.geojson": sites_geojson,
    "plan.gpkg": geopackage,
    **{f"{table.id}.csv": partial(detail_csv, table.id) for table in DETAILS},
    "report.html": report_html,
    "plan.json": plan_json,
}
"""File name -> what makes its bytes. The same plan gives the same bytes."""


def result_files(plan: Plan, page: str) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of every file of the result but its manifest, made one at a time."""
    yield "map.html", page.encode()
    lists = make_lists(plan)
    for name, make in WRITERS.items():
        yield name, make(lists)
    yield from plan.certificates.items()
