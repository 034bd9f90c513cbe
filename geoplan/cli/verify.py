"""`geoplan verify`: a saved result proved again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from geoplan.cli.common import OPTIONS, guarded, note
from geoplan.errors import BadInput
from geoplan.texts import say

_FAILED = 4


@guarded
def verify(
    folder: Annotated[
        Path, typer.Argument(help="The folder of a `geoplan run` or `geoplan site`.")
    ],
) -> None:
    """Prove a saved result again: files, tables, and every plan's bound, without a solver.

    Reads nothing but the folder. Each file is hashed and compared with the manifest; the tables of
    a run are added up and compared with one another; each certificate's rules, objective and bound
    are counted anew from its own pairs and prices. One line a check.

    Exit codes: 0 all is as it should be, 4 a check failed, 3 the folder is no result.

    Examples:

    geoplan verify maps/tw-2030

    geoplan --json verify plans/mine
    """
    from geoplan.verifying.verify import kind_of
    from geoplan.verifying.verify import verify as find

    try:
        findings = list(find(folder))
    except BadInput as error:  # nothing was going to be written here
        for fault in error.faults:
            note(fault.tell(OPTIONS.lang))
        raise typer.Exit(error.exit_code) from None
    failed = [each for each in findings if each.outcome == "bad"]
    if OPTIONS.json:
        told = {
            "folder": str(folder),
            "kind": kind_of(folder),
            "good": not failed,
            "checks": [
                {
                    "code": each.code,
                    "outcome": each.outcome,
                    "values": {name: _plain(value) for name, value in each.values.items()},
                    "message": each.tell(OPTIONS.lang),
                }
                for each in findings
            ],
        }
        print(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        for each in findings:
            if each.outcome != "note" or not OPTIONS.quiet:
                print(f"{say(f'verify.{each.outcome}', OPTIONS.lang)}{each.tell(OPTIONS.lang)}")
        count = len(failed) or sum(each.outcome == "good" for each in findings)
        print(say("verify.failed" if failed else "verify.passed", OPTIONS.lang, count=count))
    if failed:
        raise typer.Exit(_FAILED)


def _plain(value: object) -> object:
    return value if isinstance(value, int | float | str | bool) else str(value)
