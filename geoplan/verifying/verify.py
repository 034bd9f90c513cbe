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
from geoplan.verifying.run_siting import check_certified
from geoplan.verifying.run_tables import check_run
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
    of_run = kind_of(folder) == "run"
    if of_run:
        yield from check_run(folder)
    whole = {}
    for name in names:
        read, found = check_certificate(folder / name)
        yield from found
        if read is not None:
            whole[name] = read
            yield from () if of_run else check_site(folder, read)
    if of_run:
        yield from check_certified(folder, whole)
    if not names and (folder / MANIFEST).exists():
        yield note("no_certificates")
