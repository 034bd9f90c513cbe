"""`geoplan access`: measures of access on tables of one's own."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geoplan.cli.common import OPTIONS, guarded, note
from geoplan.texts import say

if TYPE_CHECKING:
    from geoplan.measuring.access import AccessRequest, Figure, Ready
    from geoplan.measuring.access_told import Told

NAMED = 8
"""So many unused sites are named; the rest is counted."""


@guarded
def access(  # noqa: PLR0913 - every option of the command
    demand: Annotated[Path, typer.Option(help="Demand points: demand_id, population (0 or more).")],
    supply: Annotated[
        Path, typer.Option(help="Sites: site_id, capacity (0 or more; never blank).")
    ],
    measure: Annotated[
        list[str],
        typer.Option(help="Which measure, of those above; may be repeated."),
    ],
    out: Annotated[Path, typer.Option(help="The figures to write, .csv or .parquet.")],
    matrix: Annotated[
        Path | None,
        typer.Option(
            help="Minutes: demand_id, site_id, minutes; or a row a point and a column a site. An "
            "absent pair is out of reach. May be left out for ratio_in_area and 2sfca by area."
        ),
    ] = None,
    threshold: Annotated[
        list[float] | None,
        typer.Option(
            help="In the unit of the matrix; a site at exactly so many is within. May be repeated."
        ),
    ] = None,
    decay: Annotated[
        str, typer.Option(help="How much a site counts by the minutes to it: a form above.")
    ] = "",
    eligibility: Annotated[
        str,
        typer.Option(
            help="Who may use which site: anyone; a file of pairs (demand_id, site_id); or "
            "same:COLUMN, a column of both tables that must agree, such as same:county."
        ),
    ] = "anyone",
    capacity: Annotated[
        float | None,
        typer.Option(
            help="The capacity of every site, in place of the table's: a norm, or 1 for sites."
        ),
    ] = None,
    nearest: Annotated[
        int | None, typer.Option(min=1, help="Which nearest site kth_nearest means.")
    ] = None,
    tau_minutes: Annotated[
        float | None, typer.Option(help="raam: so many minutes weigh as much as average crowding.")
    ] = None,
    neighbours: Annotated[
        Path | None,
        typer.Option(
            help="fca_ratio: minutes between demand points, in the form of the matrix; site_id is "
            "a demand_id there."
        ),
    ] = None,
    choice_beyond_threshold: Annotated[
        bool,
        typer.Option(
            "--choice-beyond-threshold",
            help="3sfca: people choose among all sites, also beyond the threshold, as in PySAL "
            "access.",
        ),
    ] = False,
) -> None:
    """Measures of access on your own tables of minutes, people and sites.

    No study and no map: tables go in, a table comes out.

    \b
    The tables, CSV or Parquet; ids are text, other columns may be there:
      --demand  demand_id,population         people, or need in fractions
      --supply  site_id,capacity             workers, places, beds
      --matrix  demand_id,site_id,minutes    a row a pair; an absent pair is
                                             out of reach
            or  demand_id,SITE,SITE,...      a row a point, a column a site;
                                             an empty cell is out of reach

    Minutes may be metres, seconds or any other cost: give threshold, decay and tau in the same
    unit.

    \b
    Measures, what their figure is, and what they need:
      nearest, kth_nearest       minutes; kth_nearest: --nearest
      count_within               sites: --threshold
      capacity_within            capacity: --threshold
      people_within              people around each site: --threshold
      ratio_in_area              people for each unit of capacity
      gravity                    capacity, less the farther: --decay
      2sfca                      capacity per person
      e2sfca, 3sfca, m2sfca, mh3sfca    the same: --decay
      bfca                       a share of capacity per person: --decay
      spatial_availability       capacity that falls to a point: --decay
      fca_ratio                  capacity per person: --neighbours
      raam                       cost of the way and of crowding

    \b
    Decay, weights from 1 down to 0 by the minutes t:
      step:10=1,20=0.68,30=0.22  that of the first edge with t <= it; then 0
      linear:30                  1 - t/30; 0 from 30 on
      exponential:15             exp(-t/15)
      power:2                    t^-2; under a minute counts as one
      gaussian:30                exp(-t^2 / (2 x 30^2))
      logistic:30,5              1 / (1 + exp((t - 30)/5)), scaled to 1 at t = 0
      table:FILE                 steps of your own: minutes,weight
      luo-qi-2009-slow, luo-qi-2009-fast, wan-2012      published steps

    Writes demand_id, MEASURE, state in the order of the demand table; with several measures or
    thresholds a column each (MEASURE_N at N minutes) and its MEASURE_state. The state is measured;
    zero (sites can be reached and none counts: a figure of 0); unreachable (no way to any site one
    may use: 0 of an amount, blank minutes); not_applicable (nobody lives there); unknown. Figures
    of sites (people_within, and load: people per unit of capacity, of ratio_in_area) go to
    <out>.sites, or to <out> when nothing else is asked for. What was found is said on standard
    error.

    Examples (areas.csv and the like are tables of the same kinds):

    \b
    geoplan access --matrix m.csv --demand d.csv --supply s.csv --measure nearest --out a.csv

    \b
    geoplan access --matrix m.csv --demand d.csv --supply s.csv --measure 2sfca --threshold 30 \
--threshold 60 --out b.csv

    \b
    geoplan access --matrix m.parquet --demand d.csv --supply s.csv --measure e2sfca \
--decay luo-qi-2009-slow --eligibility same:county --out c.parquet

    \b
    geoplan access --demand areas.csv --supply centres.csv --eligibility assigned.csv \
--measure ratio_in_area --out loads.csv
    """
    from geoplan.measuring.access import AccessRequest, find_figures, prepare, write_access

    request = AccessRequest(
        demand=demand,
        supply=supply,
        out=out,
        measures=tuple(dict.fromkeys(each.lower().replace("-", "_") for each in measure)),
        matrix=matrix,
        thresholds=tuple(dict.fromkeys(threshold or ())),
        decay=decay,
        eligibility=eligibility,
        capacity=capacity,
        k=nearest,
        tau_minutes=tau_minutes,
        neighbours=neighbours,
        choice_beyond_threshold=choice_beyond_threshold,
    )
    ready = prepare(request)
    figures = find_figures(request, ready)
    write_access(request, ready, figures)
    tell(request, ready, figures)


def tell(request: AccessRequest, ready: Ready, figures: tuple[Figure, ...]) -> None:
    """What was found: words on standard error, and the result or JSON on standard output."""
    from geoplan.export.words import note_text
    from geoplan.measuring.access_told import people_in, told

    lang, own = OPTIONS.lang, ready.own
    every = {each.column: told(ready, each) for each in figures}
    counts: dict[str, int | float] = {
        "points": len(own.demand_id),
        "people": people_in(own.population),
        "sites": len(own.site_id),
        "pairs": len(own.trips.minutes),
        "not_allowed": own.not_allowed,
        "without_site": int((~own.eligible).sum()),
        "people_without_site": people_in(own.population[~own.eligible]),
    }
    if not OPTIONS.quiet:
        for each in ready.notes:
            note(note_text(each, lang))
        note(say("access.read", lang, **counts))
        if request.capacity is not None and request.uses_capacity:
            note(say("access.capacity_each", lang, capacity=request.capacity))
        if counts["without_site"]:
            note(say("access.without_site", lang, **counts))
        for figure in figures:
            tell_figure(figure, every[figure.column])
    if OPTIONS.json:
        print(json.dumps(as_json(request, counts, figures, every), ensure_ascii=False, indent=1))
        return
    files = ("、" if lang == "zh" else ", ").join(map(str, request.outputs))
    print(say("access.written", lang, files=files))


def tell_figure(figure: Figure, found: Told) -> None:
    """One measure on standard error."""
    lang = OPTIONS.lang
    apart = "、" if lang == "zh" else ", "
    told: dict[str, Any] = {"column": figure.column, **found.people}
    if found.people:
        note(say("access.people", lang, **told))
        if found.points["not_applicable"]:
            note(say("access.nobody", lang, points=found.points["not_applicable"]))
    else:
        note(say("access.sites", lang, column=figure.column, **found.points))
    if found.capacity is not None:
        note(say("access.capacity", lang, reached=found.capacity_reached, whole=found.capacity))
    if found.unused:
        ids = apart.join(found.unused[:NAMED]) + (" …" if len(found.unused) > NAMED else "")
        note(say("access.unused", lang, count=len(found.unused), ids=ids))
    if found.largest is not None and found.smallest is not None:
        ends = {
            f"{end}_{key}": value
            for end, load in (("largest", found.largest), ("smallest", found.smallest))
            for key, value in (
                ("load", load.people_per_capacity),
                ("point", load.demand_id),
                ("sites", apart.join(load.site_id[:NAMED])),
            )
        }
        note(say("access.loads", lang, ratio=found.ratio, **ends))


def as_json(
    request: AccessRequest,
    counts: dict[str, int | float],
    figures: tuple[Figure, ...],
    every: dict[str, Told],
) -> dict[str, Any]:
    """The whole result but its rows."""
    measures = {
        figure.column: {
            "unit": figure.measure.unit,
            "higher_is_better": figure.measure.higher_is_better,
            "threshold_minutes": figure.problem.threshold_minutes,
            **asdict(every[figure.column]),
            "largest_over_smallest": every[figure.column].ratio,
        }
        for figure in figures
    }
    sites = None if request.sites_out is None else str(request.sites_out)
    return {"out": str(request.out), "sites_out": sites, **counts, "measures": measures}
