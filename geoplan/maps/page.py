"""From a Plan to the text of the page: map.html."""

from __future__ import annotations

import html
import json
import re
from functools import cache
from typing import Any

from branca.element import Element

from geoplan.maps.base_map import KEY
from geoplan.maps.council_map import DATA_MARK, DATA_PLACE, CouncilMap, StartPage
from geoplan.maps.encoding import packed, to_json, unpacked
from geoplan.maps.figure import LeanMap, OfflineFigure
from geoplan.maps.payload import payload
from geoplan.maps.trial import trial_data
from geoplan.model import Plan

TITLE_MARK = "geoplan-title-goes-here"


def write_page(plan: Plan) -> str:
    """The council map as the text of one HTML file that asks for nothing from the network.

    The data join the page after Folium has rendered it, packed parts in signs that no
    template and no parser takes for its own; the script opens them and shows every text as text.

    Raises:
        NotVendoredError: if a part of the page wants a file from the network.
    """
    return page_of(payload(plan), trial_data(plan))


def start_page(data: dict[str, Any]) -> str:
    """The start page from its data (`start.start_data`)."""
    return _filled(_frame(StartPage()), data["about"]["zh"], {"data": packed(data)})


def page_of(data: dict[str, Any], trial: dict[str, str | None]) -> str:
    """The same page from its data (`payload`, `trial_data`), new or read back."""
    pictures = data[KEY]["host"] if KEY in data else ""
    return _filled(empty_page(pictures), data["about"]["zh"], {"data": packed(data), **trial})


def page_data(page: str) -> tuple[dict[str, Any], dict[str, str | None]]:
    """The data a page was written with: what `page_of` takes.

    Raises:
        ValueError: if this is no such page, or not all of one.
    """
    block = re.search(f"{re.escape(DATA_PLACE)}(.*?)</script>", page, flags=re.DOTALL)
    if block is None:
        raise ValueError("no data")
    parts = json.loads(block.group(1))
    return unpacked(parts.pop("data")), parts


def _filled(frame: str, title: str, data: dict[str, Any]) -> str:
    safe = html.escape(title).replace("{", "&#123;").replace("}", "&#125;")
    return frame.replace(TITLE_MARK, safe).replace(DATA_MARK, to_json(data))


@cache
def empty_page(pictures: str = "") -> str:
    """The page without data; the same for every plan. `pictures`: the server of its base map."""
    council = LeanMap(zoom_control=False, attribution_control=False, zoom_snap=0.25)
    council.add_child(CouncilMap(base_map=bool(pictures)))
    return _frame(council, pictures)


def _frame(part: Element, pictures: str = "") -> str:
    """A page of one part, with the marks where title and data go."""
    figure = OfflineFigure("zh-Hant-TW", pictures)
    figure.add_child(part)
    page = figure.render()
    page = page.replace("</head>", f"<title>{TITLE_MARK}</title>\n</head>", 1)
    for mark in (TITLE_MARK, DATA_MARK):
        if page.count(mark) != 1:
            raise AssertionError(f"{mark} stands {page.count(mark)} times in the page")
    return page
