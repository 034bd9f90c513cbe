"""sites.kml: the sites for Google Earth and the like, a folder for each service.

What exists, what is planned in a trial and what is proposed look different, and so do points that
are not good enough to measure to; sites without a point are listed without one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree as ET

import pandas as pd

from geoplan.export.cells import csv_cell, is_absent

NAMESPACE = "http://www.opengis.net/kml/2.2"
# aabbggrr, as KML has it; and the size of the mark.
_STYLES = {
    "existing": ("ff9a4917", 1.1),
    "township": ("809a4917", 0.9),
    "proposed": ("ff1d7fe0", 1.1),
    "planned": ("ff8f1f6a", 1.1),
    "closed": ("ff808080", 0.8),
}


def sites_kml(sites: pd.DataFrame, layers: Sequence[str]) -> bytes:
    """KML 2.2 of the sites (tables.PLAN_SITES), by service in the order of `layers`."""
    root = ET.Element("kml", xmlns=NAMESPACE)
    document = ET.SubElement(root, "Document")
    _text(document, "name", "geoplan")
    for name, (colour, scale) in _STYLES.items():
        icon = ET.SubElement(ET.SubElement(document, "Style", id=name), "IconStyle")
        _text(icon, "color", colour)
        _text(icon, "scale", str(scale))
    for layer in layers:
        folder = ET.SubElement(document, "Folder")
        _text(folder, "name", layer)
        for row in sites[sites["layer"] == layer].drop(columns="geometry").to_dict("records"):
            _placemark(folder, {str(name): value for name, value in row.items()})
    ET.indent(root)
    content: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return content + b"\n"


def _placemark(folder: ET.Element, row: dict[str, Any]) -> None:
    mark = ET.SubElement(folder, "Placemark")
    _text(mark, "name", str(row["name"]))
    _text(mark, "styleUrl", f"#{_style(row)}")
    data = ET.SubElement(mark, "ExtendedData")
    for name, value in row.items():
        if not is_absent(value) and value != "":
            each = ET.SubElement(data, "Data", name=name)
            _text(each, "value", value if isinstance(value, str) else csv_cell(value))
    if not is_absent(row["lon"]) and not is_absent(row["lat"]):
        point = ET.SubElement(mark, "Point")
        _text(point, "coordinates", f"{csv_cell(row['lon'])},{csv_cell(row['lat'])}")


def _style(row: dict[str, Any]) -> str:
    status = str(row["status"])
    return "township" if status == "existing" and row["point_use"] != "distance" else status


def _text(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, tag).text = text
