"""The command line: parse, call, print. Everything heavy is imported inside the commands."""

from __future__ import annotations

import json
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from geoplan import __version__
from geoplan.cli.access import access
from geoplan.cli.common import (
    OPTIONS,
    LangChoice,
    default_lang,
    guarded,
    kept_note,
    note,
    progress_bar,
)
from geoplan.cli.compare import compare
from geoplan.cli.equity import equity
from geoplan.cli.export import export
from geoplan.cli.map import draw_map
from geoplan.cli.need import need
from geoplan.cli.programme import programme
from geoplan.cli.report import report
from geoplan.cli.roads import roads
from geoplan.cli.roads_trunk import build_trunk
from geoplan.cli.serve import serve
from geoplan.cli.site import site
from geoplan.cli.travel import travel
from geoplan.cli.verify import verify
from geoplan.errors import BadInput
from geoplan.texts import say

app = typer.Typer(
    name="geoplan",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Who cannot reach a public service, why, and where the next sites should go.\n\n"
    "Example: geoplan run            the default study of all Taiwan, into maps/tw-2030/\n\n"
    "Example: geoplan explain maps/tw-2030 屏東縣霧臺鄉\n\n"
    "Exit codes: 0 done, 1 a bug, 2 wrong usage, 3 bad input, "
    "4 a check failed, 5 a source missing, "
    "6 network needed, 7 cannot write, 130 interrupted.",
)
roads.command("build-trunk")(build_trunk)
app.add_typer(roads)
app.command()(travel)
app.command()(need)
app.command()(compare)
app.command()(access)
app.command()(equity)
app.command()(site)
app.command()(verify)
app.command()(programme)
app.command()(export)
app.command()(report)
app.command("map")(draw_map)
app.command()(serve)


@app.callback()
def options(
    lang: Annotated[
        LangChoice | None, typer.Option(help="Language on the screen (default: as the terminal).")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the result as JSON on standard output.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress and no notes.")] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show where in the code an error arose.")
    ] = False,
) -> None:
    OPTIONS.lang = lang.value if lang else default_lang()
    OPTIONS.json, OPTIONS.quiet, OPTIONS.debug = as_json, quiet, debug


@app.command()
@guarded
def run(  # noqa: PLR0913 - every option of the command
    study: Annotated[
        str, typer.Argument(help="A study (TOML), or the name of a bundled one.")
    ] = "tw-2030",
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for the result (default: maps/<study>, of a trial maps/<study>-trial)."
        ),
    ] = None,
    sites: Annotated[
        Path | None,
        typer.Option(
            help="Your own rows (CSV): add, correct or close sites by id. Columns: site_id, layer, "
            "name, county, township; also lon, lat, address, capacity, status (existing/closed), "
            "source."
        ),
    ] = None,
    roads: Annotated[
        Path | None,
        typer.Option(
            help="Your own roads instead of the study's: a folder of `roads build`, or a table of "
            "directed edges (u, v, and minutes or metres and speed_kph) with --nodes."
        ),
    ] = None,
    nodes: Annotated[
        Path | None, typer.Option(help="Nodes of your own roads: node_id, lon, lat.")
    ] = None,
    matrix: Annotated[
        Path | None,
        typer.Option(
            help="Your own minutes instead of any roads (CSV, Parquet): demand_id (a village "
            "code), site_id, minutes; a pair that is absent is out of reach."
        ),
    ] = None,
    ferries: Annotated[bool, typer.Option("--ferries", help="Ferries count as ways.")] = False,
    fixed: Annotated[
        Path | None,
        typer.Option(
            help="A trial saved from the page (.trial.json): its sites are closed and opened, its "
            "thresholds and weights hold, and all else is planned anew."
        ),
    ] = None,
    previous: Annotated[
        Path | None,
        typer.Option(
            help="The result of an earlier run of the study: every row says what became of it."
        ),
    ] = None,
    quick: Annotated[
        bool,
        typer.Option(
            "--quick",
            help="The same sites without what stands beside them: no draws (shares of "
            "runs, intervals), no hot spots, no proofs of bounds (certificates), no perturbed "
            "runs, other plans or parts of the country, the curve at the years' ends only.",
        ),
    ] = False,
) -> None:
    """Plan a study: map, lists, proposed sites and report.

    Examples:

    geoplan run

    geoplan run tw-2030 --out plans/mine --sites my-sites.csv

    geoplan run tw-2030 --roads roads/taiwan --out plans/osm

    geoplan run tw-2030 --quick --previous maps/tw-2030 --out plans/next

    geoplan run tw-2030 --fixed mine.trial.json --out plans/trial

    geoplan --lang zh run toy
    """
    from geoplan.cache import prepared
    from geoplan.catalog import read_inputs
    from geoplan.comparing.compare import read_previous
    from geoplan.door.trial import read_trial
    from geoplan.export import claim, write_plan
    from geoplan.maps import write_page
    from geoplan.pipeline import Asked, on_trial, plan_inputs
    from geoplan.study import read_study
    from geoplan.travel.engine import SLOW
    from geoplan.travelling import OwnFiles, travelling

    read = travelling(read_study(study), OwnFiles(roads, nodes, matrix), ferries=ferries)
    inputs = read_inputs(read, sites)
    asked = Asked(quick, read_previous(previous, inputs) if previous else None)
    if fixed is not None:
        inputs = on_trial(inputs, read_trial(fixed, inputs), asked)
    folder = out or Path("maps") / (f"{read.id}-trial" if fixed else read.id)
    if SLOW and not OPTIONS.quiet:
        note(say("travel.slow", OPTIONS.lang))
    with claim(folder), progress_bar() as told:
        plan = plan_inputs(inputs, told, prepared(kept_note, OPTIONS.lang), asked)
        told("writing", 0, 1)
        write_plan(plan, write_page(plan), folder)
        told("writing", 1, 1)
    from geoplan.console import print_plan

    print_plan(plan, folder, OPTIONS.lang, as_json=OPTIONS.json, notes=not OPTIONS.quiet)


@app.command()
@guarded
def check(
    inputs: Annotated[
        list[str] | None, typer.Argument(help="Studies or files; without any: the default study.")
    ] = None,
    role: Annotated[
        str | None,
        typer.Option(
            help="What a file is: townships, population, facilities, need, roads, matrix, "
            "candidates or study (default: told by its columns)."
        ),
    ] = None,
) -> None:
    """Read and judge inputs; write nothing. Exit 3 if anything is wrong, with every fault.

    Examples:

    geoplan check

    geoplan check my-study.toml

    geoplan check my-sites.csv --role facilities
    """
    from geoplan.door.check_files import check as find_faults
    from geoplan.results.measured import measure_faults

    given = inputs or ["tw-2030"]
    faults = find_faults(given, role, measure_faults)
    if OPTIONS.json:
        told = [
            {
                "code": fault.code,
                "file": fault.file,
                "rows": list(fault.rows),
                "column": fault.column,
                "message": fault.tell(OPTIONS.lang),
            }
            for fault in faults
        ]
        print(json.dumps({"inputs": given, "faults": told}, ensure_ascii=False, indent=1))
        raise typer.Exit(BadInput.exit_code if faults else 0)
    if faults:
        raise BadInput(faults)
    for each in given:
        print(say("cli.check_good", OPTIONS.lang, file=each))


@app.command()
@guarded
def layers(
    study: Annotated[str, typer.Argument(help="A study.")] = "tw-2030",
) -> None:
    """The layers: rows, usable points, dates, sources, licences; and every service system.

    Example: geoplan layers
    """
    from geoplan.console import print_layers
    from geoplan.study import read_study

    print_layers(read_study(study), OPTIONS.lang, as_json=OPTIONS.json)


@app.command()
@guarded
def explain(
    folder: Annotated[Path, typer.Argument(help="The folder of a finished run.")],
    township: Annotated[str, typer.Argument(help="A township: county and name, or its code.")],
) -> None:
    """Why a township is on the list, or is not: the plain numbers and the rule's answer.

    Examples:

    geoplan explain maps/tw-2030 屏東縣霧臺鄉

    geoplan explain maps/tw-2030 10013270
    """
    from geoplan.explain import explain_township

    told = explain_township(folder, township, OPTIONS.lang)
    print(json.dumps(told.as_dict(), ensure_ascii=False, indent=1) if OPTIONS.json else told.text)


@app.command()
@guarded
def version() -> None:
    """The version of geoplan and of what it stands on."""
    import platform
    from importlib.metadata import version as version_of

    parts = {"geoplan": __version__, "python": platform.python_version()}
    for name in ("numpy", "scipy", "pandas", "geopandas", "shapely", "folium"):
        parts[name] = version_of(name)
    if OPTIONS.json:
        print(json.dumps(parts))
    else:
        print("\n".join(f"{name} {number}" for name, number in parts.items()))


def main() -> None:
    """Entry point of the `geoplan` command; what a terminal cannot show is escaped, not fatal."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    app()
