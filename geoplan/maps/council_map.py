"""The one element of the page that is ours: layout, style and behaviour, and a place for the data.

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
    "print.css",
)
# In this order they are one function body; each file says what it holds.
SCRIPTS = (
    "dom.js",
    "texts.js",
    "data.js",
    "state.js",
    "scale.js",
    "patterns.js",
    "areas.js",
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
    "loads.js",
    "equity.js",
    "programme.js",
    "trial_times.js",
    "trial_engine.js",
    "trial_judge.js",
    "trial_rows.js",
    "trial_state.js",
    "trial_file.js",
    "trial_harm.js",
    "trial_advice.js",
    "trial_sites.js",
    "trial_view.js",
    "trial_report.js",
    "main.js",
)
DATA_MARK = "geoplan-data-goes-here"


@cache
def asset(name: str) -> str:
    """Text of one of our own files in `assets/`.

    Raises:
        ValueError: if it holds a pair of signs that a template or the end of a script would be.
    """
    text = (files("geoplan.maps") / "assets" / name).read_text("utf-8")
    found = re.search(r"\{\{|\{%|\{#|</script", text)
    if found:
        raise ValueError(f"assets/{name} must not contain {found.group(0)!r}")
    return text


def script() -> str:
    parts = "\n".join(asset(name) for name in SCRIPTS)
    return f'(function () {{\n"use strict";\n{parts}\n}})();'


class CouncilMap(JSCSSMixin):
    """Style in the head, the layout with its map and the data's place, and the script."""

    default_js = [("topojson", "vendored:topojson")]  # noqa: RUF012

    _template = Template(
        "{% macro header(this, kwargs) %}<style>{{ this.style }}</style>{% endmacro %}"
        "{% macro html(this, kwargs) %}{{ this.layout }}"
        '<script type="application/json" id="geoplan-data">{{ this.data_mark }}</script>'
        "{% endmacro %}"
        "{% macro script(this, kwargs) %}{{ this.script }}{% endmacro %}"
    )

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name, self._id = "CouncilMap", "page"
        self.style = "\n".join(asset(name) for name in STYLES)
        self.layout = asset("layout.html")
        self.script = script()
        self.data_mark = DATA_MARK
