"""`geoplan roads`: road networks made, fetched and compared."""

from __future__ import annotations

import typer

roads = typer.Typer(
    name="roads",
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Road networks: made from OpenStreetMap, downloaded, compared.",
)


@roads.callback()
def group() -> None:
    """Keeps `roads` a group of commands, however many it holds."""
