"""`geoplan roads build-trunk`: the bundled network of Taiwan made anew from the official lists."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geoplan.cli.common import OPTIONS, guarded, note
from geoplan.errors import BadInput
from geoplan.texts import say

if TYPE_CHECKING:
    from geoplan.model import Note
    from geoplan.roads.trunk.build import Built
    from geoplan.roads.trunk.local import Local


@guarded
def build_trunk(  # noqa: PLR0913 - the options of a command are its arguments
    mileposts: Annotated[
        Path, typer.Option(help="Provincial mileposts, data.gov.tw 7040 (CSV as published).")
    ],
    freeway: Annotated[
        Path,
        typer.Option(
            help="Freeway posts, data.gov.tw 95016: the zip, its folder, or a CSV with "
            "route, k, lon, lat."
        ),
    ],
    interchanges: Annotated[
        Path, typer.Option(help="Folder of the interchange CSVs, data.gov.tw 166496.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the network.")],
    connections: Annotated[
        Path | None,
        typer.Option(help="Your own table of what interchanges serve (CSV): name, serves; note."),
    ] = None,
    rulings: Annotated[
        Path | None,
        typer.Option(help="Rulings on gaps and statuses (default: the bundled rulings.csv)."),
    ] = None,
    villages: Annotated[
        Path | None,
        typer.Option(
            help="A folder laid out like data/, with boundaries and population of villages and "
            "townships (default: the bundled ones)."
        ),
    ] = None,
) -> None:
    """Make the road network of Taiwan from the official lists of mileposts and interchanges.

    Trunk roads come from the lists; the links of villages to them are modelled. A stretch of more
    than 1.6 km without posts that no ruling covers stops the build: each one is named with the
    line to add. The tables have the columns of the bundled ones (docs/roads.md).

    Example:

    \b
    geoplan roads build-trunk --mileposts 7040.csv --freeway 95016.zip --interchanges 166496 \
--out roads/trunk
    """
    from geoplan.door.reading import Found
    from geoplan.roads.trunk.build import build_trunk as build
    from geoplan.roads.trunk.inputs import Asked, read_lists
    from geoplan.roads.trunk.local import build_local, local_tables
    from geoplan.roads.trunk.tables import trunk_tables, write_tables

    found = Found()
    asked = Asked(mileposts, freeway, interchanges, connections, villages, rulings)
    read = read_lists(asked, found)
    built = None if read is None else build(read.lists, found)
    if read is None or built is None:
        raise BadInput(found.faults)
    local = build_local(built.trunk, built.joined, read.places)
    tables = trunk_tables(built) | local_tables(local)
    write_tables(out, tables, read.files, read.lists.provincial.newest)
    tell(built, local, out, found.notes)


def tell(built: Built, local: Local, out: Path, notes: list[Note]) -> None:
    """The kilometres by class and the links, and every note; or all of it as JSON."""
    lang = OPTIONS.lang
    km: dict[str, float] = defaultdict(float)
    links: Counter[str] = Counter()
    for edge in built.trunk.edges:
        if edge.route == "link":
            links[edge.road_class] += 1
        else:
            km[edge.road_class] += edge.metres / 1000
    counts = {"nodes": len(built.trunk.nodes), "edges": len(built.trunk.edges)}
    kinds = dict(sorted(Counter(each.kind for each in local.links).items()))
    told = [say(f"note.{each.code}", lang, **each.values) for each in notes]
    if OPTIONS.json:
        facts = {"folder": str(out), **counts, "kilometres": dict(sorted(km.items()))}
        facts |= {"links": dict(sorted(links.items())), "interchanges": len(built.joined)}
        facts |= {"local_links": kinds, "gaps": len(built.gaps), "notes": told}
        print(json.dumps(facts, ensure_ascii=False, indent=1))
        return
    print(say("cli.trunk.done", lang, folder=out, **counts))
    for road_class in sorted(km):
        print(say("cli.trunk.class", lang, road_class=road_class, km=km[road_class]))
    print(
        say(
            "cli.trunk.links",
            lang,
            junctions=links["junction"],
            interchanges=links["interchange"],
            joined=len(built.joined),
        )
    )
    print(say("cli.trunk.gaps", lang, count=len(built.gaps)))
    listed = ", ".join(f"{kind} {count}" for kind, count in kinds.items())
    print(say("cli.trunk.local", lang, villages=len(local.places.code), kinds=listed))
    if not OPTIONS.quiet:
        for line in told:
            note(f"- {line}")
