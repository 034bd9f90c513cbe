"""`geoplan travel`: a travel matrix over roads of one's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geoplan.cli.common import OPTIONS, guarded, note, progress_bar
from geoplan.errors import WrongUsage
from geoplan.texts import say

if TYPE_CHECKING:
    from geoplan.roads.own_travel import Prepared, TravelRequest

NAMED = 8
"""So many points beyond the maximum are named; the rest is counted."""


@guarded
def travel(  # noqa: PLR0913 - every option of the command
    roads: Annotated[
        Path,
        typer.Option(
            help="Edges (CSV, Parquet or GeoParquet): u, v and minutes, or metres and speed_kph; "
            "directed. Also road_class, imputed, ferry, link, geometry. Or the folder that "
            "geoplan roads build made."
        ),
    ],
    origins: Annotated[
        Path, typer.Option("--from", help="Points to travel from: demand_id, lon, lat or node_id.")
    ],
    sites: Annotated[
        Path, typer.Option("--to", help="Sites to travel to: site_id, lon, lat or node_id.")
    ],
    out: Annotated[Path, typer.Option(help="The matrix to write, .csv or .parquet.")],
    nodes: Annotated[
        Path | None,
        typer.Option(
            help="Nodes: node_id, lon, lat. Without them every point must carry a node_id."
        ),
    ] = None,
    limit_minutes: Annotated[
        float | None, typer.Option(help="Keep trips of at most so many minutes.")
    ] = None,
    nearest: Annotated[
        int | None, typer.Option(min=1, help="Keep the nearest so many sites of every point.")
    ] = None,
    dense: Annotated[
        bool, typer.Option("--dense", help="One row a point, one column a site; empty: no way.")
    ] = False,
    max_snap_metres: Annotated[
        float, typer.Option(max=100_000, help="A point farther from a road has no trips.")
    ] = 5000,
    access_kph: Annotated[
        float,
        typer.Option(min=0.5, help="Speed from a point to the road: 20 driving, 4.5 on foot."),
    ] = 20,
    ferries: Annotated[bool, typer.Option("--ferries", help="Use ferries.")] = False,
    land: Annotated[
        Path | None,
        typer.Option(help="Polygons of land (GeoJSON, GeoParquet): no point joins across water."),
    ] = None,
) -> None:
    """Travel times over roads of your own, from points to sites.

    Writes demand_id, site_id, minutes: points in the order of their rows, then by minutes, then
    by site_id; a pair that is absent is out of reach. Beside it <out>.places.csv says how every
    point is joined to the roads, and <out>.toml names sources and licence. Points that carry a
    node_id are not snapped; all others join the nearest stretch of road, not the nearest node.

    Examples:

    geoplan travel --roads edges.csv --nodes nodes.csv --from people.csv --to sites.csv --out m.csv

    geoplan travel --roads taiwan-roads/ --from d.csv --to s.csv --limit-minutes 60 --out m.parquet
    """
    from geoplan.roads.own_travel import TravelRequest, prepare, write_trips
    from geoplan.travel.joining import Access

    for option, given in (
        ("--limit-minutes", limit_minutes),
        ("--max-snap-metres", max_snap_metres),
        ("--access-kph", access_kph),
    ):
        if given is not None and not 0 < given < float("inf"):
            raise WrongUsage("bound_below", option=option, given=given)
    request = TravelRequest(
        roads=roads,
        origins=origins,
        sites=sites,
        out=out,
        nodes=nodes,
        land=land,
        limit_minutes=limit_minutes,
        nearest=nearest,
        dense=dense,
        ferries=ferries,
        access=Access(max_snap_metres, access_kph),
    )
    ready = prepare(request)
    if not OPTIONS.quiet:
        tell_notes(request, ready)
    with progress_bar() as told:
        pairs, trouble = write_trips(request, ready, told)
    if trouble and not OPTIONS.quiet:
        note(say("cache.not_kept", OPTIONS.lang, what=trouble))
    tell_result(request, ready, pairs)


def tell_notes(request: TravelRequest, ready: Prepared) -> None:
    """What a planner should know before the search begins, on standard error."""
    from geoplan.export.words import note_text
    from geoplan.roads.own_travel import memory_bytes, names_too_far, summary
    from geoplan.travel.engine import SLOW

    lang = OPTIONS.lang
    about = summary(ready)
    unknown = say("unknown", lang)
    told = {key: unknown if value is None else value for key, value in about.items()}
    if about["kilometres"] is not None:
        told["kilometres"] = f"{about['kilometres']:,}"
    note(say("travel.network", lang, **told))
    for each in ready.notes:
        note(note_text(each, lang))
    if about["ferries"] and not request.ferries:
        note(say("travel.ferries_off", lang))
    notice = ready.own.about.get("notice_zh" if lang == "zh" else "notice")
    if notice:
        note(str(notice))
    for role, ids in names_too_far(ready).items():
        if ids:
            more = " …" if len(ids) > NAMED else ""
            shown = ("、" if lang == "zh" else ", ").join(ids[:NAMED]) + more
            key = "travel.too_far_from" if role == "from" else "travel.too_far_to"
            metres = request.access.most_metres
            note(say(key, lang, count=len(ids), metres=metres, ids=shown))
    if SLOW:
        note(say("travel.slow", lang))
    note(say("travel.memory", lang, megabytes=max(1, memory_bytes(request, ready) // 2**20)))


def tell_result(request: TravelRequest, ready: Prepared, pairs: int) -> None:
    """The result on standard output, in words or as JSON."""
    from geoplan.roads.own_travel import names_too_far, summary

    origins, sites = (len(points.id) for points in ready.points)
    told = {
        "out": str(request.out),
        "places": str(request.places_out),
        "about": str(request.about_out),
        "origins": origins,
        "sites": sites,
        "pairs": pairs,
    }
    if OPTIONS.json:
        notice = {"notice": ready.own.about.get("notice", "")}
        whole = {**told, "too_far": names_too_far(ready), "network": summary(ready), **notice}
        print(json.dumps(whole, ensure_ascii=False, indent=1))
    else:
        print(say("travel.written", OPTIONS.lang, **told))
