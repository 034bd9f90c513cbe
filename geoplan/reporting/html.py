"""The report as one HTML file: no script, nothing fetched, every text escaped."""

from __future__ import annotations

from importlib.resources import files

import jinja2
from markupsafe import Markup

from geoplan.reporting.content import Figure, Report


def html_bytes(*reports: Report) -> bytes:
    """The report as a page, once for each language; the drawings, whose own texts are escaped,
    stand in it as SVG."""
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_template),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template("report.html")
    told = page.render(
        reports=reports,
        tags={"zh": "zh-Hant-TW", "en": "en"},
        kind_of=lambda block: type(block).__name__,
        svg=_svg,
    )
    return told.encode()


def _template(name: str) -> str:
    return (files("geoplan.reporting") / "templates" / name).read_text("utf-8")


def _svg(figure: Figure) -> Markup:
    """The drawing with its words for a screen reader; made by `reporting.svg`, which escapes."""
    named = Markup('<svg role="img" aria-label="{}" ').format(figure.alt)
    return named + Markup(figure.svg.removeprefix("<svg "))  # noqa: S704 - our own drawing
