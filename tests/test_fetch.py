"""The download of an extract, against a real server on this machine."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from geoplan.cli import app
from geoplan.errors import NetworkNeeded, SourceMissing, WrongUsage
from geoplan.roads import fetch, web
from geoplan.roads.fetch import download, look_up

CONTENT = bytes(range(256)) * 4096  # one MiB
OTHER = CONTENT[::-1]
FILE = "/asia/taiwan-latest.osm.pbf"
NAME = "taiwan-latest.osm.pbf"
RUNNER = CliRunner()


@dataclass
class Server:
    """What the server does, and what it was asked."""

    content: bytes = CONTENT
    etag: str = '"one"'
    ranges: bool = True
    cut_after: list[int] = field(default_factory=list)
    md5: str | None = None
    md5_status: int = 200
    status: int = 200
    head_length: bool = True
    redirect: str = ""
    hold: bool = False
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    address: str = ""

    @property
    def bodies(self) -> list[str]:
        """The Range header of every request for the file itself."""
        return [asks for method, path, asks in self.asked if (method, path) == ("GET", FILE)]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    play: Server

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nothing on the screen of the tests."""

    def do_HEAD(self) -> None:
        self.answer(body=False)

    def do_GET(self) -> None:
        self.answer(body=True)

    def answer(self, body: bool) -> None:
        play = self.play
        play.asked.append((self.command, self.path, self.headers.get("Range", "")))
        if play.redirect and self.path == FILE:
            self.short(302, b"", Location=play.redirect)
        elif self.path == f"{FILE}.md5":
            told = play.md5 or hashlib.md5(play.content, usedforsecurity=False).hexdigest()
            self.short(play.md5_status, f"{told}  {NAME}\n".encode())
        elif self.path not in (FILE, "/elsewhere.osm.pbf"):
            self.short(404, b"no")
        elif play.status != 200:
            self.short(play.status, b"no")
        else:
            self.file(body)

    def short(self, status: int, text: bytes, **headers: str) -> None:
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(text)

    def file(self, body: bool) -> None:
        play = self.play
        start = 0
        asked = self.headers.get("Range", "")
        if asked and play.ranges and self.headers.get("If-Range") == play.etag:
            start = int(asked.removeprefix("bytes=").rstrip("-"))
            if start >= len(play.content):
                self.short(416, b"")
                return
        self.send_response(206 if start else 200)
        if play.etag:
            self.send_header("ETag", play.etag)
        if start:
            last = len(play.content) - 1
            self.send_header("Content-Range", f"bytes {start}-{last}/{last + 1}")
        if play.head_length or body:
            self.send_header("Content-Length", str(len(play.content) - start))
        self.end_headers()
        if not body:
            return
        stop = play.cut_after.pop(0) if play.cut_after else len(play.content)
        self.wfile.write(play.content[start : start + stop])
        if play.hold:
            self.wfile.flush()
            threading.Event().wait(20)
        self.close_connection = True


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    play = Server()
    handler = type("Playing", (Handler,), {"play": play})
    running = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    running.daemon_threads = True
    play.address = f"http://127.0.0.1:{running.server_port}"
    monkeypatch.setattr(fetch, "PAUSE_SECONDS", 0.0)
    thread = threading.Thread(target=running.serve_forever, args=(0.01,))
    thread.start()
    yield play
    running.shutdown()
    thread.join()
    running.server_close()


def bring(server: Server, folder: Path) -> fetch.Fetched:
    offer = look_up("taiwan", server.address)
    return download("taiwan", offer, folder, lambda what, done, of: None)


def called(server: Server, folder: Path, *more: str, region: str = "taiwan") -> Any:
    command = ["roads", "fetch", region, "--from", server.address, "--out", str(folder), *more]
    return RUNNER.invoke(app, command)


def test_file_is_brought_checked_and_recorded(server: Server, tmp_path: Path) -> None:
    told = called(server, tmp_path / "new", "--yes")
    assert told.exit_code == 0, told.output
    assert f"{server.address}{FILE} (1.0 MB)" in told.stderr
    target = tmp_path / "new" / NAME
    assert target.read_bytes() == CONTENT
    record = tomllib.loads((tmp_path / "new" / f"{NAME}.toml").read_text("utf-8"))
    assert record["sha256"] == hashlib.sha256(CONTENT).hexdigest()
    assert record["address"] == f"{server.address}{FILE}"
    assert record["bytes"] == len(CONTENT) and record["md5_checked"] is True
    assert record["fetched"].endswith("Z") and "OpenStreetMap" in record["notice"]
    left = {each.name for each in (tmp_path / "new").iterdir() if not each.name.startswith(".")}
    assert left == {NAME, f"{NAME}.toml"}


def test_nothing_is_brought_without_a_yes(server: Server, tmp_path: Path) -> None:
    told = called(server, tmp_path / "new")
    assert told.exit_code == 2 and "--yes" in told.stderr
    assert server.bodies == [] and not (tmp_path / "new").exists()


def test_a_no_at_the_terminal_is_respected(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import typer

    from geoplan.cli.roads import fetch as command

    class Terminal:
        @staticmethod
        def isatty() -> bool:
            return True

    for answer, brought in ((False, 0), (True, 1)):
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdin", Terminal())
            patch.setattr(typer, "confirm", lambda text, err, said=answer: said)
            command("taiwan", tmp_path / "new", server.address, False)
        assert len(server.bodies) == brought


def test_same_file_is_not_brought_twice(server: Server, tmp_path: Path) -> None:
    bring(server, tmp_path)
    record = (tmp_path / f"{NAME}.toml").read_bytes()
    told = called(server, tmp_path, "--yes")
    assert told.exit_code == 0 and "not downloaded again" in told.stdout
    assert len(server.bodies) == 1
    assert (tmp_path / f"{NAME}.toml").read_bytes() == record
    server.content, server.etag = OTHER, '"two"'
    told = RUNNER.invoke(
        app,
        [
            "--json",
            *("roads", "fetch", "taiwan", "--yes"),
            *("--from", server.address, "--out", str(tmp_path)),
        ],
    )
    made = json.loads(told.stdout)
    assert made["new"] is True and made["sha256"] == hashlib.sha256(OTHER).hexdigest()
    assert (tmp_path / NAME).read_bytes() == OTHER


def test_cut_connection_is_taken_up_where_it_broke(server: Server, tmp_path: Path) -> None:
    server.cut_after = [300_000, 400_000]
    assert bring(server, tmp_path).path.read_bytes() == CONTENT
    assert server.bodies == ["", "bytes=300000-", "bytes=700000-"]


def test_next_start_goes_on(server: Server, tmp_path: Path) -> None:
    server.cut_after = [300_000, 0, 0, 0, 0]
    with pytest.raises(NetworkNeeded, match="0\\.3 MB are kept") as error:
        bring(server, tmp_path)
    assert error.value.exit_code == 6
    assert (tmp_path / f"{NAME}.part").read_bytes() == CONTENT[:300_000]
    assert not (tmp_path / NAME).exists()
    server.cut_after = []
    assert bring(server, tmp_path).path.read_bytes() == CONTENT
    assert server.bodies[-1] == "bytes=300000-"


def test_file_renewed_in_between_starts_again(server: Server, tmp_path: Path) -> None:
    server.cut_after = [300_000, 0, 0, 0, 0]
    with pytest.raises(NetworkNeeded):
        bring(server, tmp_path)
    server.content, server.etag, server.cut_after = OTHER, '"two"', []
    assert bring(server, tmp_path).path.read_bytes() == OTHER


def test_server_without_ranges_starts_again(server: Server, tmp_path: Path) -> None:
    server.ranges, server.cut_after = False, [300_000]
    assert bring(server, tmp_path).path.read_bytes() == CONTENT
    assert server.bodies == ["", "bytes=300000-"]


def test_without_a_version_mark_nothing_is_joined(server: Server, tmp_path: Path) -> None:
    server.etag, server.cut_after = "", [300_000]
    assert bring(server, tmp_path).path.read_bytes() == CONTENT
    assert server.bodies == ["", ""]


def test_a_part_longer_than_the_file_is_dropped(server: Server, tmp_path: Path) -> None:
    (tmp_path / f"{NAME}.part").write_bytes(CONTENT + b"more")
    (tmp_path / f"{NAME}.part.tag").write_text(server.etag)
    assert bring(server, tmp_path).path.read_bytes() == CONTENT
    assert server.bodies == [f"bytes={len(CONTENT) + 4}-", ""]


def test_wrong_checksum_throws_the_part_away(server: Server, tmp_path: Path) -> None:
    server.md5 = "0" * 32
    told = called(server, tmp_path, "--yes")
    assert told.exit_code == 5 and "thrown away" in told.stderr
    assert [each for each in tmp_path.iterdir() if not each.name.startswith(".")] == []


def test_part_of_another_file_fails_the_checksum(server: Server, tmp_path: Path) -> None:
    (tmp_path / f"{NAME}.part").write_bytes(OTHER[:300_000])
    (tmp_path / f"{NAME}.part.tag").write_text(server.etag)
    with pytest.raises(SourceMissing):
        bring(server, tmp_path)
    assert bring(server, tmp_path).path.read_bytes() == CONTENT


def test_missing_md5_is_told(server: Server, tmp_path: Path) -> None:
    server.md5_status = 404
    told = called(server, tmp_path, "--yes")
    assert told.exit_code == 0 and "publishes no md5" in told.stderr
    record = tomllib.loads((tmp_path / f"{NAME}.toml").read_text("utf-8"))
    assert record["md5_checked"] is False


def test_a_page_instead_of_the_md5_is_refused(server: Server, tmp_path: Path) -> None:
    server.md5 = "<html>sign in</html>"
    told = called(server, tmp_path, "--yes")
    assert told.exit_code == 5 and "sign-in" in told.stderr
    assert server.bodies == []


@pytest.mark.parametrize(
    ("region", "word"), [("asia/atlantis", "atlantis"), ("Taiwan!", "small letters")]
)
def test_wrong_region(server: Server, tmp_path: Path, region: str, word: str) -> None:
    told = called(server, tmp_path, "--yes", region=region)
    assert told.exit_code == 2 and word in told.stderr


@pytest.mark.parametrize("status", [403, 500, 503])
def test_server_that_says_no(server: Server, tmp_path: Path, status: int) -> None:
    server.status = status
    told = called(server, tmp_path, "--yes")
    assert told.exit_code == 6 and str(status) in told.stderr


def test_no_network(tmp_path: Path, server: Server) -> None:
    nobody = Server(address="http://127.0.0.1:9")
    told = called(nobody, tmp_path, "--yes")
    assert told.exit_code == 6 and "roads build" in told.stderr
    chinese = ["--lang", "zh", "roads", "fetch", "taiwan", "--yes", "--from", nobody.address]
    assert "這個指令需要網路" in RUNNER.invoke(app, chinese).stderr


def test_size_that_is_not_told(server: Server, tmp_path: Path) -> None:
    server.head_length = False
    told = called(server, tmp_path, "--yes")
    assert told.exit_code == 0 and "size not told" in told.stderr


@pytest.mark.parametrize(
    "address",
    ["http://example.org", "ftp://127.0.0.1", "file:///etc", "http://127.0.0.1.example.org", "x"],
)
def test_only_https_or_this_machine(tmp_path: Path, address: str) -> None:
    with pytest.raises(WrongUsage, match="https"):
        look_up("taiwan", address)


@pytest.mark.parametrize(
    "to", ["http://example.org/x", "ftp://example.org/x", "file:///etc/hostname", "gopher://x/y"]
)
def test_redirection_to_an_unsafe_place(server: Server, tmp_path: Path, to: str) -> None:
    server.redirect = to
    told = called(server, tmp_path, "--yes")
    assert told.exit_code == 5 and "not safe" in told.stderr


def test_redirection_to_a_safe_place(server: Server, tmp_path: Path) -> None:
    server.redirect = f"{server.address}/elsewhere.osm.pbf"
    assert bring(server, tmp_path).path.read_bytes() == CONTENT
    assert ("HEAD", "/elsewhere.osm.pbf", "") in server.asked


def test_redirection_from_elsewhere_to_this_machine_is_refused() -> None:
    from http.client import HTTPMessage
    from io import BytesIO
    from urllib.request import Request

    request = Request("https://example.org/x")
    with pytest.raises(SourceMissing):
        web._SafeRedirects().redirect_request(
            request, BytesIO(), 302, "Found", HTTPMessage(), "http://127.0.0.1/x"
        )


def test_foreign_file_in_the_way_stays(server: Server, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"mine")
    told = called(server, tmp_path, "--yes")
    assert told.exit_code == 7 and server.bodies == []
    assert (tmp_path / NAME).read_bytes() == b"mine"


def test_full_disk_is_told_before(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    usage = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(fetch.shutil, "disk_usage", lambda folder: usage)
    told = called(server, tmp_path, "--yes")
    assert told.exit_code == 7 and not (tmp_path / NAME).exists()


def test_folder_that_cannot_be_made(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert called(server, tmp_path / "file" / "folder", "--yes").exit_code == 7


def test_killed_download_is_taken_up(server: Server, tmp_path: Path) -> None:
    server.cut_after, server.hold = [300_000], True
    child = subprocess.Popen(
        [
            *(sys.executable, "-m", "geoplan", "roads", "fetch", "taiwan", "--yes"),
            *("--from", server.address, "--out", str(tmp_path)),
        ],
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parent.parent)},
    )
    part = tmp_path / f"{NAME}.part"
    for _ in range(1000):
        if part.exists() and part.stat().st_size >= 2**18:
            break
        threading.Event().wait(0.02)
    second = called(server, tmp_path, "--yes")
    assert second.exit_code == 7 and "Another process" in second.stderr
    child.send_signal(signal.SIGKILL)
    child.wait(30)
    server.hold = False
    kept = part.stat().st_size
    assert 0 < kept <= 300_000
    assert bring(server, tmp_path).path.read_bytes() == CONTENT
    assert server.bodies[-1] == f"bytes={kept}-"
