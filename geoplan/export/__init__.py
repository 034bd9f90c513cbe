"""What a run writes: the result folder with map, lists, report, sites and manifest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from geoplan.export.folder import changed_files, claim, write_result

if TYPE_CHECKING:
    from geoplan.model import Plan

__all__ = ["changed_files", "claim", "write_plan"]


def write_plan(plan: Plan, page: str, out: Path) -> None:
    """Write everything a run writes into the folder `out`, whole or not at all.

    Args:
        plan: the result; nothing else is read.
        page: the map, as the text of one HTML file.
        out: a new or empty folder, or that of a former result, which is replaced. A program that
            computes for long holds it with `claim(out)` from the start.

    Raises:
        CannotWrite: if `out` is locked, in use for something else, full or read-only.
    """
    from geoplan.export.writers import result_files

    about = {"geoplan": plan.version, "run_id": plan.run_id, "study": plan.study.id}
    write_result(out, result_files(plan, page), about)
