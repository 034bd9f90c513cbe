"""Imports run one way, and algorithms open no file."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "geoplan"

# Each level may import from itself and from the levels above it in this list.
LEVELS: list[set[str]] = [
    {
        "__init__",
        "errors",
        "texts",
        "typeset",
        "paths",
        "kept_bytes",
        "model",
        "tables",
        "projection",
    },
    {"need"},  # the study's own checks ask it for the consistency of comparisons
    {
        "study",
        "keys",
        "rules",
        "need_spec",
        "uncertainty_spec",
        "programme_spec",
        "phasing_spec",
        "trial",
        "door",
        "catalog",
        "gazetteer",
        "travelling",
    },
    {"demand", "travel", "access", "designation", "siting", "programme", "targets", "uncertainty"},
    {"cache", "certificates"},
    {"own_network"},
    {"travel_step", "need_step"},
    {"steps"},
    {"results", "siting_step"},
    {"pipeline"},
    {"maps", "export", "reporting", "roads", "measuring"},
    {"finished"},
    {"explain", "comparing", "verifying", "serving", "exporting", "mapping"},
    {"retelling"},
    {"console", "programme_console"},
    {"cli"},
    {"__main__"},
]
ALGORITHMS = (
    "demand",
    "need",
    "travel",
    "access",
    "designation",
    "siting",
    "programme",
    "targets",
    "uncertainty",
)
FILE_WORDS = {"open", "read_csv", "read_parquet", "read_file", "read_text", "read_bytes", "Path"}


def room(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return parts[0]


def level(name: str) -> int:
    return next(at for at, names in enumerate(LEVELS) if name in names)


def imported_rooms(path: Path) -> set[str]:
    """Rooms of geoplan that the module imports, wherever in it the import stands."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("geoplan"):
            parts = (node.module or "").split(".")
            found |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {a.name.split(".")[1] for a in node.names if a.name.startswith("geoplan.")}
    return {name for name in found if not name.startswith("__")}


MODULES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_run_one_way(path: Path) -> None:
    mine = level(room(path))
    late = {name for name in imported_rooms(path) if level(name) > mine}
    # The model only names the study, the roads and the trial for the type checker.
    allowed = {"study", "door", "trial"} if room(path) == "model" else set()
    assert not late - allowed


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if room(path) in ALGORITHMS],
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_algorithms_touch_no_file(path: Path) -> None:
    used = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Name):
            used.add(node.id)
        elif isinstance(node, ast.Attribute):
            used.add(node.attr)
    assert not used & FILE_WORDS


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_modules_stay_readable(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 400
