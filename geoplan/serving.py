"""A finished result at an address of this machine: read-only, for one person at one browser.

Only this machine can connect. Another page open in the same browser cannot read along either: it
does not know the token in the address, and a name that was made to point to this machine
(DNS rebinding) comes with a Host header that is refused.
"""

from __future__ import annotations

import mimetypes
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import copyfileobj
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from geoplan.errors import CannotWrite, SourceMissing
from geoplan.finished import whole_files

LOOPBACK = "127.0.0.1"
START_PAGES = ("index.html", "map.html", "report.html")
"""What the bare address shows: the first of these that the result has, else its first page by name
(a folder with the page of one county)."""
IDLE_SECONDS = 30.0
_TYPES = {
    ".csv": "text/csv; charset=utf-8",
    ".geojson": "application/geo+json",
    ".gpkg": "application/geopackage+sqlite3",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".parquet": "application/vnd.apache.parquet",
}
_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True, slots=True)
class Served:
    """What may be asked for: the files of one result by name, and the token that comes first."""

    folder: Path
    files: frozenset[str]
    token: str

    @property
    def start_page(self) -> str:
        return start_page(self.files)

    def asked(self, path: str) -> str | None:
        """The file that a path names, "" for the bare address, None where it names neither."""
        try:
            parts = unquote(urlsplit(path).path).split("/", 2)
        except ValueError:  # no address at all
            return None
        _, token, *rest = [*parts, "", ""][:3]
        if not secrets.compare_digest(token.encode(), self.token.encode()):
            return None
        name = rest[0]
        return name if not name or name in self.files else None


def start_page(files: frozenset[str]) -> str:
    """The page to begin with; "" where there is none."""
    pages = [*START_PAGES, *sorted(name for name in files if name.endswith(".html"))]
    return next((name for name in pages if name in files), "")


def open_server(folder: Path, port: int = 0) -> ResultServer:
    """A server of the result in `folder`, bound and not yet answering; port 0: any that is free.

    Nothing but the files that its manifest names can be read; now, all of them are as they were
    written.

    Raises:
        SourceMissing: there is no finished result with a page, or it is not as it was written.
        CannotWrite: the port is taken, or not ours to take.
    """
    files = whole_files(folder)
    if not start_page(files):
        raise SourceMissing("result_other", folder=folder, what=START_PAGES[1])
    served = Served(folder.resolve(), files, secrets.token_urlsafe(24))
    try:
        return ResultServer((LOOPBACK, port), served)
    except (OSError, OverflowError) as error:
        raise CannotWrite("port_taken", port=port, why=error) from None


class ResultServer(ThreadingHTTPServer):
    """Answers with the files of one result; made by `open_server`."""

    daemon_threads = True

    def __init__(self, at: tuple[str, int], served: Served) -> None:
        self.served = served
        super().__init__(at, _Handler)
        self.hosts = {f"{name}:{self.server_port}" for name in (LOOPBACK, "localhost")}

    @property
    def address(self) -> str:
        """Where a browser finds the start page."""
        return f"http://{LOOPBACK}:{self.server_port}/{self.served.token}/"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that hangs up in the middle of a file is nobody's trouble."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    server: ResultServer

    def version_string(self) -> str:
        return "geoplan"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's own name
        """Addresses hold the token; they are written nowhere."""

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        if self.headers.get("Host", "").lower() not in self.server.hosts:
            self._say(HTTPStatus.MISDIRECTED_REQUEST)
            return
        served = self.server.served
        name = served.asked(self.path)
        if name is None:
            self._say(HTTPStatus.NOT_FOUND)
        elif not name:
            start = quote(served.start_page)
            self._say(HTTPStatus.FOUND, {"Location": f"/{served.token}/{start}"})
        else:
            self._file(served.folder / name, with_body=with_body)

    def _file(self, path: Path, *, with_body: bool) -> None:
        try:
            file = path.open("rb")
        except OSError:  # taken away since
            self._say(HTTPStatus.NOT_FOUND)
            return
        with file:
            size = path.stat().st_size
            self._head(HTTPStatus.OK, size, {"Content-Type": _type_of(path)})
            if with_body:
                copyfileobj(file, self.wfile)

    def _say(self, status: HTTPStatus, more: Mapping[str, str] | None = None) -> None:
        text = f"{status.value} {status.phrase}\n".encode()
        plain = {"Content-Type": "text/plain; charset=utf-8"}
        self._head(status, len(text), {**plain, **(more or {})})
        if self.command != "HEAD":
            self.wfile.write(text)

    def _head(self, status: HTTPStatus, size: int, more: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {**_HEADERS, **more, "Content-Length": str(size)}.items():
            self.send_header(name, value)
        self.end_headers()


def _type_of(path: Path) -> str:
    return (
        _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    )
