"""From a Plan to the text of the page: map.html."""

from __future__ import annotations

import html

from geoplan.maps.council_map import DATA_MARK, CouncilMap
from geoplan.maps.encoding import packed, to_json
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
    frame = empty_page()
    data = to_json({"data": packed(payload(plan)), **trial_data(plan)})
    title = html.escape(plan.study.title_zh).replace("{", "&#123;").replace("}", "&#125;")
    return frame.replace(TITLE_MARK, title).replace(DATA_MARK, data)


def empty_page() -> str:
    """The page without data; the same for every plan."""
    figure = OfflineFigure("zh-Hant-TW")
    council = LeanMap(zoom_control=False, attribution_control=False, zoom_snap=0.25)
    figure.add_child(council)
    council.add_child(CouncilMap())
    page = figure.render()
    page = page.replace("</head>", f"<title>{TITLE_MARK}</title>\n</head>", 1)
    for mark in (TITLE_MARK, DATA_MARK):
        if page.count(mark) != 1:
            raise AssertionError(f"{mark} stands {page.count(mark)} times in the page")
    return page
