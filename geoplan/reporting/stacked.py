"""People of the target group by coverage, today and after the plan, as bars of full width."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from geoplan.reporting.content import Figure, Table
from geoplan.reporting.parts import BAR_WIDTH, Bar, Bars, Piece
from geoplan.reporting.svg import SOFT, element, hatch, label, picture, wide, wrapped
from geoplan.texts import Lang, say

FILLS = {
    "covered": "#d3e6e8",
    "undetermined": "#ffffff",
    "uncovered": "#c8553d",
    "unreachable": "#3a2422",
}
"""Within the threshold, not known (hatched), beyond it, no way there: in grey print, from light to
dark the worse it is."""
DARK = frozenset({"uncovered", "unreachable"})
"""Words on these are white."""
NAME, ROW, TOP = 140.0, 24.0, 24.0
KEY_SIZE, KEY_GAP = 11.0, 46.0


def stacked_figure(pairs: Sequence[Bars], caption: str, lang: Lang, key: str) -> Figure:
    """Firm and provisional bars one below the other; the numbers stand in the table beside."""
    bars = [(pair, bar) for pair in pairs for bar in pair.bars]
    high = TOP + ROW * len(bars)
    drawn = [element("rect", x=0, y=0, width=NAME + BAR_WIDTH, height=high, fill="#fff")]
    drawn += [
        wrapped("defs", (hatch(f"{key}-open", "#8a979c", 1.0, "#fff"),)),
        *_key(bars[0][1], key),
    ]
    joint = "・" if lang == "zh" else ", "
    for at, (pair, bar) in enumerate(bars):
        y = TOP + ROW * at
        words = f"{pair.label}{joint}{bar.name}"
        drawn.append(element("text", words, x=0, y=y + 14, font_size=10))
        for piece in bar.pieces:
            if piece.width:
                place = {"x": NAME + piece.x, "y": y, "width": piece.width, "height": 19}
                drawn.append(_piece(piece.state, key, place))
                if piece.width > 44:
                    drawn.append(_share(piece, y + 14))
    told = "；" if lang == "zh" else "; "
    alt = say("reporting.alt.stacked", lang, caption=caption, words=told.join(_said(bars, lang)))
    return Figure(picture(NAME + BAR_WIDTH, high, drawn), alt, caption)


def stacked_table(pairs: Sequence[Bars], caption: str, lang: Lang) -> Table:
    """The same people as numbers: a line a state, a column a bar."""
    bars = [(pair, bar) for pair in pairs for bar in pair.bars]
    joint = "・" if lang == "zh" else ", "
    heads = (
        say("report.bar.state", lang),
        *(f"{pair.label}{joint}{bar.name}" for pair, bar in bars),
    )
    rows = []
    for at, piece in enumerate(bars[0][1].pieces):
        cells = (f"{bar.pieces[at].people} ({bar.pieces[at].share})" for _, bar in bars)
        rows.append((piece.label, *cells))
    return Table(caption, heads, tuple(rows), frozenset(range(1, len(heads))))


def _piece(state: str, key: str, place: dict[str, float]) -> str:
    fill = f"url(#{key}-open)" if state == "undetermined" else FILLS[state]
    return element("rect", "", **place, fill=fill, stroke=SOFT, stroke_width=0.6)


def _share(piece: Piece, y: float) -> str:
    x = NAME + piece.x + piece.width / 2
    place = {"font_size": 10, "text_anchor": "middle"}
    if piece.state in DARK:
        return element("text", piece.share, x=x, y=y, fill="#fff", **place)
    return label(x, y, piece.share, **place)


def _key(bar: Bar, key: str) -> Iterator[str]:
    x = NAME
    for piece in bar.pieces:
        yield _piece(piece.state, key, {"x": x, "y": 4, "width": 18, "height": 10})
        yield element("text", piece.label, x=x + 24, y=13, font_size=KEY_SIZE)
        x += KEY_GAP + wide(piece.label, KEY_SIZE)


def _said(bars: Sequence[tuple[Bars, Bar]], lang: Lang) -> Iterator[str]:
    colon = "：" if lang == "zh" else ": "
    comma = "、" if lang == "zh" else ", "
    for pair, bar in bars:
        told = comma.join(f"{piece.label} {piece.people}" for piece in bar.pieces)
        yield f"{pair.label} {bar.name}{colon}{told}"
