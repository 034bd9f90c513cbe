"""`geoplan serve`: a finished result at an address of this machine."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from geoplan.cli.common import OPTIONS, guarded, note
from geoplan.texts import say


@guarded
def serve(
    folder: Annotated[Path, typer.Argument(help="A finished run, or pages that `map` drew.")],
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port (default: any that is free).")
    ] = 0,
    browser: Annotated[
        bool, typer.Option("--browser", help="Open the address in the browser of this machine.")
    ] = False,
) -> None:
    """Show a finished result at an address instead of as a file, until Ctrl-C.

    Only programs on this machine can connect, only with the random token in the address, and only
    the files of the result can be read; nothing can be changed. The map is the same as the file
    map.html, which opens without this command.

    Examples:

    geoplan serve maps/tw-2030

    geoplan serve maps/tw-2030 --port 8765 --browser
    """
    from geoplan.serving import open_server

    with open_server(folder, port) as server, suppress(KeyboardInterrupt):  # Ctrl-C is its end
        told = {"address": server.address}
        print(json.dumps(told) if OPTIONS.json else server.address, flush=True)
        if not OPTIONS.quiet:
            note(say("cli.serving", OPTIONS.lang))
        if browser:
            import webbrowser

            webbrowser.open(server.address)
        server.serve_forever()
    if not OPTIONS.quiet:
        note(say("cli.served", OPTIONS.lang))
