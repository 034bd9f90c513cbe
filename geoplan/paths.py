"""Where the bundled data and studies are: in the wheel or in the checkout, found one way."""

from __future__ import annotations

from pathlib import Path


def bundled(kind: str) -> Path:
    """The bundled folder `data` or `studies`.

    In an installed wheel both stand inside the package (`geoplan/bundle/`); in a checkout they
    stand beside it.
    """
    package = Path(__file__).parent
    for folder in (package / "bundle" / kind, package.parent / kind):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"the bundled folder {kind!r} is missing from this installation")
