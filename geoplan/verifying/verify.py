"""A saved result proved again, from its own folder alone, without solving anything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from geoplan.certificates import is_certificate
from geoplan.export.folder import MANIFEST
from geoplan.verifying.certificate import check_certificate
from geoplan.verifying.files import check_files
from geoplan.verifying.findings import Finding, note
from geoplan.verifying.run_tables import check_run, check_year
from geoplan.verifying.site_tables import check_site

Kind = Literal["run", "site"]


def kind_of(folder: Path) -> Kind:
    """Whether the folder is of `geoplan run` or of `geoplan site`, by what it holds."""
    return "run" if (folder / "townships.csv").exists() else "site"


def verify(folder: Path) -> Iterator[Finding]:
    """Files against the manifest, tables against one another, certificates against themselves.

    Raises:
        BadInput: the folder is no result.
    """
    yield from check_files(folder)
    names = sorted(path.name for path in folder.iterdir() if is_certificate(path.name))
    if kind_of(folder) == "run":
        yield from check_run(folder)
    for name in names:
        read, found = check_certificate(folder / name)
        yield from found
        if read is not None:
            yield from (check_site if kind_of(folder) == "site" else check_year)(folder, read, name)
    if not names and (folder / MANIFEST).exists():
        yield note("no_certificates")
