"""A Folium figure and map for the network switched off.

Every link that Folium or a plug-in puts into the head is replaced by vendored text; a link that is
not vendored is an error, since the page would need the network. The page may run the scripts and
use the styles that were rendered here and no others: the content security policy names their
hashes and allows no connection at all.
"""

from __future__ import annotations

import base64
import hashlib
import re
from importlib.resources import files
from typing import Any

import folium
from branca.element import CssLink, Element, Figure, JavascriptLink
from folium.template import Template

MAP_ID = "geoplan"
# Name of the link in the head -> vendored file.
VENDORED = {
    "leaflet": "leaflet.js",
    "leaflet_css": "leaflet.css",
    "topojson": "topojson-client.js",
}


class NotVendoredError(LookupError):
    """Something in the page asks for a file from the network that is not part of the package."""


def vendored(name: str) -> str:
    """Text of a file of `vendor/`, with what would make a browser fetch something taken out."""
    text = (files("geoplan.maps") / "vendor" / name).read_text("utf-8")
    text = re.sub(r"\n?//# sourceMappingURL=\S*\s*$", "\n", text)
    if name.endswith(".css"):
        # Pictures of controls that this page does not use.
        return re.sub(r"url\(images/[\w.-]+\)", "none", text)
    return re.sub(r"</(script)", r"<\\/\1", text, flags=re.IGNORECASE)


def opening() -> str:
    """The style that stands first, so that a file cut off anywhere after it shows a word."""
    return (files("geoplan.maps") / "assets" / "opening.css").read_text("utf-8")


class LeanMap(folium.Map):
    """A Folium map that needs Leaflet only: no jQuery, Bootstrap, icon fonts or tiles.

    The element `map_geoplan` is provided by the page itself, at its place in the layout.
    """

    default_js = [("leaflet", "vendored:leaflet")]  # noqa: RUF012 - as Folium asks
    default_css = [("leaflet_css", "vendored:leaflet_css")]  # noqa: RUF012 - as Folium asks
    _template = Template(
        "{% macro script(this, kwargs) %}"
        'var {{ this.get_name() }} = L.map("{{ this.get_name() }}", '
        "{{ this.options|tojavascript }});"
        "{% endmacro %}"
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(location=[0, 0], zoom_start=7, tiles=None, **options)
        self._id = MAP_ID


class OfflineFigure(Figure):
    """A page of which every part is in the file."""

    def __init__(self, lang: str, pictures: str = "") -> None:
        """`pictures`: a server that the page may ask for pictures; none by itself."""
        super().__init__()
        self.lang = lang
        self.pictures = pictures
        self.header._children.clear()

    def render(self, **kwargs: Any) -> str:
        """The page as HTML text.

        Raises:
            NotVendoredError: if a part of the page wants a file from the network.
        """
        for child in list(self._children.values()):
            child.render(**kwargs)
        head = "\n".join(
            self._head_part(name, part) for name, part in self.header._children.items()
        )
        head = f"<style>{opening()}</style>\n{head}"
        body = self.html.render(**kwargs)
        script = f"<script>{self.script.render(**kwargs)}</script>"
        page = "\n".join(
            [
                "<!DOCTYPE html>",
                f'<html lang="{self.lang}">',
                "<head>",
                '<meta charset="utf-8">',
                '<meta name="viewport" content="width=device-width, initial-scale=1">',
                policy(head + body + script, self.pictures),
                head,
                "</head>",
                f"<body>{body}\n{script}</body>",
                "</html>\n",
            ]
        )
        refuse_links(page)
        return page

    def _head_part(self, name: str, part: Element) -> str:
        if not isinstance(part, JavascriptLink | CssLink):
            return str(part.render())
        if name not in VENDORED:
            raise NotVendoredError(
                f"the page asks for {name!r} ({part.url}), which is not vendored"
            )
        text = vendored(VENDORED[name])
        tag = "script" if isinstance(part, JavascriptLink) else "style"
        return f"<{tag}>{text}</{tag}>"


def policy(html: str, pictures: str = "") -> str:
    """A content security policy that allows the scripts and styles in `html` and nothing else, but
    pictures of one server where it is named.

    Hashes are those of https://www.w3.org/TR/CSP3/: base64 of the SHA-256 of the element's text.
    """
    allowed = {
        tag: " ".join(sorted(f"'sha256-{_hash(text)}'" for text in _contents(tag, html)))
        for tag in ("script", "style")
    }
    rules = (
        "default-src 'none'",
        f"script-src {allowed['script']}",
        f"style-src {allowed['style']}",
        f"img-src data: {pictures}".rstrip(),
        "base-uri 'none'",
        "form-action 'none'",
    )
    return f'<meta http-equiv="Content-Security-Policy" content="{"; ".join(rules)}">'


def refuse_links(html: str) -> None:
    """Raise NotVendoredError where an element of the page would be fetched from elsewhere."""
    outside_code = re.sub(r"<(script|style)>.*?</\1>", "", html, flags=re.DOTALL)
    found = re.search(r"<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)\s*=[^>]*>", outside_code)
    if found:
        raise NotVendoredError(f"the page asks for {found.group(0)!r}")


def _contents(tag: str, html: str) -> set[str]:
    return set(re.findall(rf"<{tag}>(.*?)</{tag}>", html, flags=re.DOTALL))


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
