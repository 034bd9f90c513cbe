"""A copy of the toy study that a test may spoil one file of."""

from __future__ import annotations

import shutil
from pathlib import Path

from geoplan.paths import bundled
from geoplan.study import Study, read_study

BAD = Path(__file__).parent / "bad_inputs"
WHERE = {
    "population": "population/villages.csv",
    "facilities": "facilities/toy_centres.csv",
    "roads": "roads/edges.csv",
}


def toy_copy(folder: Path) -> Path:
    """The toy study and its data in `folder`, without manifests; returns the study's path."""
    shutil.copytree(bundled("data") / "toy", folder / "toy")
    for manifest in (folder / "toy").rglob("*.toml"):
        manifest.unlink()
    rules = folder / "rules"
    rules.mkdir()
    for rule in (bundled("studies") / "rules").glob("toy_*.toml"):
        shutil.copy(rule, rules)
    return Path(shutil.copy(bundled("studies") / "toy.toml", folder / "toy.toml"))


def toy_with(folder: Path, relative: str, content: bytes) -> Study:
    """The toy study with one of its files replaced."""
    study = toy_copy(folder)
    (folder / "toy" / relative).write_bytes(content)
    return read_study(study)
