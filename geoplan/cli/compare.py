"""`geoplan compare`: two results of one study side by side, or one and a trial."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from geoplan.cli.common import OPTIONS, guarded, kept_note, progress_bar
from geoplan.errors import WrongUsage


@guarded
def compare(
    first: Annotated[Path, typer.Argument(help="The folder of the earlier run.")],
    second: Annotated[
        Path,
        typer.Argument(
            help="The folder of the later run, or a trial saved from the page (.trial.json)."
        ),
    ],
    out: Annotated[
        Path | None, typer.Option(help="Write every township and service to this CSV.")
    ] = None,
    study: Annotated[
        str | None,
        typer.Option(
            help="With a trial: the study of the earlier run (TOML; default: the bundled one that "
            "the run names)."
        ),
    ] = None,
) -> None:
    """Who came on the list, who went and who stayed between two runs of a study, and why.

    What went in differently is told first: rules with their versions and thresholds, sources,
    settings. Then, for each service, new, kept, leaving, withdrawn and under review, in townships
    and people beyond the threshold. The file of a trial is planned for this and not written; it
    takes as long as the earlier run.

    Examples:

    geoplan compare plans/2025 plans/2026

    geoplan compare maps/tw-2030 plans/mine --out changes.csv

    geoplan compare maps/tw-2030 mine.trial.json
    """
    from geoplan.comparing.compare import compare_folders
    from geoplan.comparing.telling import as_dict, tell
    from geoplan.comparing.written import write_comparison
    from geoplan.trial import is_trial
    from geoplan.typeset import counted

    if is_trial(second):
        from geoplan.cache import prepared
        from geoplan.comparing.trial import Planning, compare_trial

        with progress_bar() as told:
            planning = Planning(study, told, prepared(kept_note, OPTIONS.lang))
            found = compare_trial(first, second, planning)
    elif study is not None:
        raise WrongUsage("study_without_trial")
    else:
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
