"""`geoplan site`: where sites should stand, on tables of one's own."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from geoplan.cli.common import guarded, progress_bar
from geoplan.errors import BadInput


class SolverChoice(StrEnum):
    """Who finishes what prices and exchange leave open."""

    auto = "auto"
    scip = "scip"
    highs = "highs"
    none = "none"


@guarded
def site(  # noqa: PLR0913 - every option of the command
    matrix: Annotated[
        Path,
        typer.Option(
            help="Minutes: demand_id, site_id, minutes; or a row a point and a column a site. An "
            "absent pair is out of reach."
        ),
    ],
    demand: Annotated[
        Path, typer.Option(help="Demand points: demand_id, population (+ area, need).")
    ],
    candidates: Annotated[
        Path,
        typer.Option(
            help="Sites that stand or may be opened: site_id (+ status existing/candidate, group, "
            "cost, capacity, lon, lat). Existing sites stay open."
        ),
    ],
    model: Annotated[str, typer.Option(help="Which model, of those above.")],
    out: Annotated[Path, typer.Option(help="Folder for the result.")],
    count: Annotated[
        int | None,
        typer.Option("-p", "--count", help="Open sites in all, existing and fixed ones too."),
    ] = None,
    threshold: Annotated[
        float | None,
        typer.Option(
            help="In the unit of the matrix; a site at exactly so many is within. Models that need "
            "none then also say who is within it."
        ),
    ] = None,
    times: Annotated[
        int | None, typer.Option(help="mclp, backup: so many open sites within it count as cover.")
    ] = None,
    share: Annotated[
        str, typer.Option(help="partial-cover: this share of all people, 0.9 or 90%.")
    ] = "",
    fixed: Annotated[Path | None, typer.Option(help="Sites that must be open: site_id.")] = None,
    forbidden: Annotated[
        Path | None, typer.Option(help="Candidates that may not be opened: site_id.")
    ] = None,
    quota: Annotated[
        Path | None,
        typer.Option(help="Open sites of a group: group, at_least, at_most (a blank is no limit)."),
    ] = None,
    budget: Annotated[
        float | None,
        typer.Option(help="What all open sites may cost; -p is then the most there may be."),
    ] = None,
    min_share: Annotated[
        str,
        typer.Option(
            help="At least this share of every area's people within the threshold, 0.5 or 50%; or "
            "a file: area, least_share."
        ),
    ] = "",
    apart: Annotated[
        str,
        typer.Option(
            help="Open sites stand at least so many kilometres apart in a straight line (lon, lat "
            "of the candidates); or a file of pairs: site_id, other_id."
        ),
    ] = "",
    gini: Annotated[
        str, typer.Option(help="even-cover: the Gini of the areas' covered shares at most.")
    ] = "",
    by_need: Annotated[
        bool, typer.Option("--by-need", help="People count times the need of their demand point.")
    ] = False,
    capacity: Annotated[
        bool,
        typer.Option(
            "--capacity",
            help="A site serves no more people than its capacity, in any model but backup.",
        ),
    ] = False,
    seconds: Annotated[
        float, typer.Option(help="How long to look for the plan; the best so far is then written.")
    ] = 60.0,
    seed: Annotated[int, typer.Option(help="Same seed, same answer.")] = 0,
    solver: Annotated[
        SolverChoice,
        typer.Option(help="The exact stage; auto: SCIP where installed and of use, else HiGHS."),
    ] = SolverChoice.auto,
    frequency: Annotated[
        int | None,
        typer.Option(help="Runs with people (5 %) and minutes (10 %) drawn anew; 0: none."),
    ] = None,
    alternatives: Annotated[
        int | None,
        typer.Option(help="Other plans, each without at least so many of the new sites; 0: none."),
    ] = None,
    curve: Annotated[
        int | None,
        typer.Option(help="For so many numbers of sites the best plan and its bound; 0: none."),
    ] = None,
) -> None:
    """Where sites should stand, on your own tables of minutes, people and candidates.

    No study and no map: tables go in, a folder comes out.

    \b
    The tables, CSV or Parquet; ids are text, other columns may be there:
      --demand      demand_id,population          (+ area, need)
      --candidates  site_id                       (+ status, group, cost,
                                                   capacity, lon, lat)
      --matrix      demand_id,site_id,minutes     a row a pair
                or  demand_id,SITE,SITE,...       a row a point

    Minutes may be metres or any other cost, with the threshold in the same unit. Whole numbers
    stay exactly as they are; minutes with fractions are counted in whole milliseconds.

    \b
    Models, and what they need:
      mclp                    most people within the threshold:
                              --threshold, -p or --budget
      backup                  most people with two sites within it: the same
      lscp                    fewest sites (or least cost) for everybody:
                              --threshold
      partial-cover           the same for a share of all: --threshold, --share
      p-median                least minutes to the nearest site in all: -p
      capacitated-cover       as mclp, and capacitated-p-median as p-median,
      capacitated-p-median    a site serving no more than its capacity
      worst-area              largest share for the area with the least,
                              then most people: as mclp, and area
      even-cover              most people with the Gini of the areas'
                              shares at most --gini: as mclp, and area
      p-centre                shortest longest way: -p
      p-centre-lexicographic  then the next longest, for whom it can still
                              be made shorter: -p
      p-centre-by-group       a p-centre in each group, with its at_least
                              sites: --quota, and area in the demand

    \b
    Writes to the folder:
      sites.csv         every candidate: status existing/proposed/candidate,
                        order, gain, loss if struck out, share of runs
      assignment.csv    every demand point: nearest open site, minutes,
                        whether it is reached; and the same before
      curve.csv         the plan's first sites by number, and the best plan
                        of so many with its bound
      alternatives.csv  other plans nearly as good
      areas.csv         people reached and mean minutes by area, before, after
      plan.json         objective, bound, gap, status, words
      certificate.zip   question, plan and proof (geoplan verify)

    The status is OPTIMAL (no plan is better, proven), WITHIN x % (none is better by more), CUT OFF
    (time ran out or Ctrl-C; the best plan is written with its bound) or INFEASIBLE BECAUSE (with
    the rules and demand points that contradict; nothing is written). Runs, alternatives and the
    curve's best plans are left out where more than 20,000 pairs count, unless they are asked for.

    Exit codes: 0 done, 3 bad input or infeasible, 130 stopped (the best plan is written).

    Examples (minutes.csv and the like are tables of these kinds):

    \b
    geoplan site --matrix m.csv --demand d.csv --candidates c.csv --model mclp -p 2 --threshold 20 \
--out plan

    \b
    geoplan site --matrix m.csv --demand d.csv --candidates c.csv --model partial-cover \
--threshold 20 --share 90% --out least

    \b
    geoplan site --matrix m.csv --demand d.csv --candidates c.csv --model p-median -p 2 \
--quota q.csv --out near
    """
    from geoplan.measuring.siting import SiteRequest, prepare
    from geoplan.measuring.siting_answer import find_plan, tell_plan
    from geoplan.measuring.siting_files import write_answer

    request = SiteRequest(
        matrix=matrix,
        demand=demand,
        candidates=candidates,
        out=out,
        model=model,
        count=count,
        threshold=threshold,
        times=times,
        share=share,
        fixed=fixed,
        forbidden=forbidden,
        quota=quota,
        budget=budget,
        min_share=min_share,
        apart=apart,
        gini=gini,
        by_need=by_need,
        capacity=capacity,
        seconds=seconds,
        seed=seed,
        solver=solver.value,
        frequency=frequency,
        alternatives=alternatives,
        curve=curve,
    )
    from geoplan.cli.site_told import tell_answer, tell_nothing, tell_ready
    from geoplan.export.folder import claim

    ready = prepare(request)
    tell_ready(ready)
    with claim(out), progress_bar() as told:
        found, stopped = find_plan(request, ready, told)
        if not len(found.chosen) and found.why:
            tell_nothing(request, ready, found)
            raise typer.Exit(130 if stopped else BadInput.exit_code)
        answer = tell_plan(request, ready, found, stopped, told)
        write_answer(request, ready, answer)
    tell_answer(request, ready, answer)
    if answer.stopped:
        raise typer.Exit(130)
