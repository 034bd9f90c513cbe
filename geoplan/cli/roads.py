"""`geoplan roads`: road networks made, fetched and compared."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geoplan.cli.common import OPTIONS, guarded, note, progress_bar
from geoplan.cli.roads_compare import compare
from geoplan.errors import WrongUsage
from geoplan.texts import say

if TYPE_CHECKING:
    from geoplan.roads.write import Summary

roads = typer.Typer(
    name="roads",
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Road networks: made from OpenStreetMap, downloaded, compared.",
)
ROUTABLE_SHARE = 0.8
"""A network whose largest part holds fewer of its nodes is told to be in pieces."""


class ProfileChoice(StrEnum):
    """Who travels."""

    drive = "drive"
    walk = "walk"


roads.command()(compare)


@roads.callback()
def group() -> None:
    """Keeps `roads` a group of commands, however many it holds."""


@roads.command()
@guarded
def build(
    file: Annotated[Path, typer.Argument(help="An OpenStreetMap extract (.osm.pbf).")],
    out: Annotated[Path, typer.Option(help="Folder for the network.")],
    profile: Annotated[ProfileChoice, typer.Option(help="Who travels.")] = ProfileChoice.drive,
    speeds: Annotated[
        Path | None,
        typer.Option(
            help="Your own speed table (CSV): profile, road_class, urban_kph, rural_kph. "
            "A class that is not in it is not used."
        ),
    ] = None,
) -> None:
    """Make a road network from an OpenStreetMap file: nodes.parquet, edges.parquet, roads.toml.

    One-way streets, access, barriers, limits and ferries are respected; turn restrictions are not
    known. Ways closed to the public (access=private, no ...) are left out. Memory: at most
    about 12 times the size of an ordinary extract, and 300 MB; a file filtered to roads alone takes
    more. Needs: python -m pip install "geoplan[osm]"

    Examples:

    geoplan roads build taiwan-latest.osm.pbf --out roads/taiwan

    geoplan roads build taiwan-latest.osm.pbf --out roads/on-foot --profile walk
    """
    from geoplan.roads.osm import build as build_roads
    from geoplan.roads.osm import memory_mb

    if file.is_file() and not OPTIONS.quiet:
        size = file.stat().st_size / 1e6
        note(say("roads.memory", OPTIONS.lang, file=file, size=size, memory=memory_mb(file)))
    with progress_bar() as told:
        summary = build_roads(file, out, profile.value, speeds, told)
    if OPTIONS.json:
        print(json.dumps(as_dict(summary, out), ensure_ascii=False, indent=1))
    else:
        print("\n".join(sentences(summary, out)))


def as_dict(summary: Summary, out: Path) -> dict[str, object]:
    """What `--json` prints."""
    return {
        "folder": str(out),
        **summary.values,
        "kilometres": dict(summary.class_km),
        "maxspeed_not_understood": dict(summary.maxspeed_not_understood),
    }


def sentences(summary: Summary, out: Path) -> list[str]:
    """What a person should know of the network that was made."""
    told = dict(summary.values)
    lang = OPTIONS.lang
    share, parts = float(str(told["largest_component_share"])), told["components"]
    whole = "roads.connected" if share >= ROUTABLE_SHARE else "roads.in_pieces"
    lines = [
        say("roads.done", lang, folder=out, **told),
        say("roads.walked", lang)
        if told["profile"] == "walk"
        else say(
            "roads.imputed",
            lang,
            imputed=told["imputed_share"],
            urban=told["urban_share"],
            odd=len(summary.maxspeed_not_understood),
        ),
        say(whole, lang, share=share, parts=parts),
        say(
            "roads.left_out",
            lang,
            barred=told["ways_barred"],
            areas=told["ways_of_areas"],
            ferries=told["ferries_without_word"],
            oneway=told["oneway_not_understood"],
        ),
    ]
    if told["cut_ways"]:
        lines.append(say("roads.cut", lang, ways=told["cut_ways"], nodes=told["nodes_missing"]))
    return [*lines, say("roads.notice", lang)]


@roads.command()
@guarded
def fetch(
    region: Annotated[str, typer.Argument(help="The region, such as asia/taiwan or taiwan.")],
    out: Annotated[Path, typer.Option(help="Folder for the file.")] = Path(),
    server: Annotated[
        str | None,
        typer.Option(
            "--from", help="Another server with the same layout (default: download.geofabrik.de)."
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Download an OpenStreetMap extract, for people with internet; asks first.

    A download that broke off goes on where it stopped. The md5 that the server publishes is
    checked; <file>.toml records address, date and sha256. Exit 6 without a network.

    Examples:

    geoplan roads fetch taiwan

    geoplan roads fetch asia/taiwan --out downloads --yes
    """
    from geoplan.roads.fetch import SERVER, download, look_up

    lang = OPTIONS.lang
    offer = look_up(region, server or SERVER)
    mb = None if offer.size is None else offer.size / 1e6
    size = say("fetch.size_unknown", lang) if mb is None else say("fetch.size", lang, mb=mb)
    note(say("fetch.offer", lang, address=offer.address, size=size, folder=out))
    if not yes:
        if not sys.stdin.isatty():
            raise WrongUsage("fetch_not_agreed")
        if not typer.confirm(say("fetch.ask", lang), err=True):
            note(say("fetch.declined", lang))
            return
    with progress_bar() as told:
        made = download(region, offer, out, told)
    if not made.md5_checked:
        note(say("fetch.no_md5", lang))
    if OPTIONS.json:
        facts = {"file": str(made.path), "address": made.address, "bytes": made.size}
        print(json.dumps(facts | {"sha256": made.sha256, "new": made.new}, ensure_ascii=False))
    else:
        key = "fetch.done" if made.new else "fetch.there"
        print(say(key, lang, path=made.path, mb=made.size / 1e6, sha256=made.sha256))
