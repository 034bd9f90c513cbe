"""Which font prints Chinese here; without one there is no report, for it would be all boxes."""

from __future__ import annotations

from pathlib import Path

from geoplan.errors import SourceMissing

FAMILIES = (
    *("Noto Sans CJK TC", "Noto Sans TC", "Source Han Sans TC", "Noto Sans CJK JP"),
    *("PingFang TC", "Microsoft JhengHei", "Noto Serif CJK TC", "Source Han Serif TC"),
    *("AR PL UMing TW", "WenQuanYi Zen Hei", "Droid Sans Fallback"),
)
"""Fonts with the letters of Taiwan, the one to be preferred first."""


def chinese_fonts(folder: Path | None = None) -> list[str]:
    """The families that are found, in `folder` alone where one is given.

    Raises:
        SourceMissing: there is none; it names the package to install.
    """
    import typst

    paths = [] if folder is None else [folder]
    found = set(typst.Fonts(folder is None, False, paths).families())
    known = [name for name in FAMILIES if name in found]
    if not known:
        raise SourceMissing("no_cjk_font", families=", ".join(FAMILIES[:3]))
    return known
