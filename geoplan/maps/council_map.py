"""The one element of a page that is ours: layout, style and behaviour, and a place for the data.

No text that comes from data goes through here: Folium's branca compiles what was rendered once
more as a template, so a name that looks like a template would run. The data are put into the
finished page (`page.write_page`).
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from folium.elements import JSCSSMixin
from folium.template import Template

STYLES = (
    "base.css",
    "layout.css",
    "parts.css",
    "behind.css",
    "programme.css",
    "siting.css",
    "trial.css",
    "villages.css",
    "map_tools.css",
    "review.css",
    "views.css",
    "print.css",
)
# In this order they are one function body; each file says what it holds.
SCRIPTS = (
    "dom.js",
    "texts.js",
    "inflate.js",
    "data.js",
    "state.js",
    "scale.js",
    "need_access.js",
    "patterns.js",
    "areas.js",
    "villages.js",
    "symbols.js",
    "cards.js",
    "legend.js",
    "ranking.js",
    "profile.js",
    "judged.js",
    "search.js",
    "list_csv.js",
    "sections.js",
    "siting.js",
    "plan_years.js",
    "loads.js",
    "spread.js",
    "equity.js",
    "programme.js",
    "trial_times.js",
    "trial_engine.js",
    "trial_judge.js",
    "trial_rows.js",
    "trial_state.js",
    "trial_file.js",
    "trial_harm.js",
    "trial_spread.js",
    "trial_advice.js",
    "trial_sites.js",
    "trial_villages.js",
    "trial_view.js",
    "trial_threshold.js",
    "trial_report.js",
    "review.js",
    "ruler.js",
    "map_tools.js",
    "main.js",
)
# Only of pages with a base map; the last script, main.js, stays the last.
BASE_STYLES, BASE_SCRIPTS = ("base_map.css",), ("base_map.js",)
START_STYLES = ("base.css", "layout.css", "parts.css", "start.css", "print.css")
START_SCRIPTS = (
    *("dom.js", "texts.js", "inflate.js", "scale.js", "patterns.js"),
    *("start.js", "start_map.js", "start_main.js"),
)
_COMMENT = re.compile(r"^[ \t]*/\*.*?\*/[ \t]*$", re.DOTALL | re.MULTILINE)
"""A comment that stands on lines of its own."""
DATA_MARK = "geoplan-data-goes-here"
DATA_PLACE = '<script type="application/json" id="geoplan-data">'


@cache
def asset(name: str) -> str:
    """Text of one of our own files in `assets/`, without comments and indentation: a page is kept
    small enough to be sent by mail.

    Raises:
        ValueError: if it holds a pair of signs that a template or the end of a script would be, or
            a text over several lines, which would lose its indentation.
    """
    text = (files("geoplan.maps") / "assets" / name).read_text("utf-8")
    found = re.search(r"\{\{|\{%|\{#|</script", text)
    if found:
        raise ValueError(f"assets/{name} must not contain {found.group(0)!r}")
    lines = map(str.strip, _COMMENT.sub("", text).splitlines())
    lean = "\n".join(line for line in lines if line and not line.startswith("//"))
    if "`" in lean:
        raise ValueError(f"assets/{name} must not contain a template literal")
    return lean


def script(names: tuple[str, ...] = SCRIPTS) -> str:
    parts = "\n".join(asset(name) for name in names)
    return f'(function () {{\n"use strict";\n{parts}\n}})();'


class PagePart(JSCSSMixin):
    """Style in the head, the layout with its map and the data's place, and the script."""

    default_js = [("topojson", "vendored:topojson")]  # noqa: RUF012 - as Folium asks

    _template = Template(
        "{% macro header(this, kwargs) %}<style>{{ this.style }}</style>{% endmacro %}"
        "{% macro html(this, kwargs) %}{{ this.layout }}"
        "{{ this.data_place }}{{ this.data_mark }}</script>"
        "{% endmacro %}"
        "{% macro script(this, kwargs) %}{{ this.script }}{% endmacro %}"
    )

    def __init__(self, layout: str, styles: tuple[str, ...], scripts: tuple[str, ...]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name, self._id = "PagePart", "page"
        self.style = "\n".join(asset(name) for name in styles)
        self.layout = asset(layout)
        self.script = script(scripts)
        self.data_place, self.data_mark = DATA_PLACE, DATA_MARK


class CouncilMap(PagePart):
    """That of the map, with or without the switch of a base map."""

    def __init__(self, *, base_map: bool) -> None:
        styles = (*STYLES, *BASE_STYLES) if base_map else STYLES
        scripts = (*SCRIPTS[:-1], *BASE_SCRIPTS, SCRIPTS[-1]) if base_map else SCRIPTS
        super().__init__("layout.html", styles, scripts)


class StartPage(PagePart):
    """That of the start page, which leads to the counties' pages."""

    def __init__(self) -> None:
        super().__init__("start.html", START_STYLES, START_SCRIPTS)
