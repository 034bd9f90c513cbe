"""`geoplan compare`: two finished results of one study side by side."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from geoplan.cli.common import OPTIONS, guarded


@guarded
def compare(
    first: Annotated[Path, typer.Argument(help="The folder of the earlier run.")],
    second: Annotated[Path, typer.Argument(help="The folder of the later run.")],
    out: Annotated[
        Path | None, typer.Option(help="Write every township and service to this CSV.")
    ] = None,
) -> None:
    """Who came on the list, who went and who stayed between two runs of a study, and why.

    What went in differently is told first: rules with their versions and thresholds, sources,
    settings. Then, for each service, new, kept, leaving, withdrawn and under review, in townships
    and people beyond the threshold. A trial is compared once `geoplan run --fixed` has planned it.

    Examples:

    geoplan compare plans/2025 plans/2026

    geoplan compare maps/tw-2030 plans/mine --out changes.csv

    geoplan compare maps/tw-2030 maps/tw-2030-trial
    """
    from geoplan.comparing.compare import compare_folders
    from geoplan.comparing.telling import as_dict, tell
    from geoplan.comparing.written import write_comparison
    from geoplan.typeset import counted

    found = compare_folders(first, second)
    if out is not None:
        write_comparison(found, out)
    if OPTIONS.json:
        print(json.dumps(as_dict(found), ensure_ascii=False, indent=1))
        return
    print(tell(found, OPTIONS.lang))
    if out is not None:
        print()
        print(counted("runs.written", len(found.rows), OPTIONS.lang, file=out))
