"""`geoplan serve`: who may read what, asked of a real server in a real process."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from geoplan.export import write_plan
from geoplan.mapping import Pages, draw_pages
from geoplan.model import Plan
from geoplan.serving import open_server
from tests.commands import geoplan

START = [sys.executable, "-m", "geoplan"]


@dataclass(frozen=True)
class Site:
    """A result that is being served: where it lies, and at which address."""

    folder: Path
    port: int
    token: str
    process: subprocess.Popen[str]

    def ask(self, path: str, method: str = "GET", host: str | None = None) -> Answer:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        line.putrequest(method, path, skip_host=True)
        line.putheader("Host", f"127.0.0.1:{self.port}" if host is None else host)
        line.endheaders()
        answer = line.getresponse()
        found = Answer(answer.status, answer.read(), dict(answer.getheaders()))
        line.close()
        return found

    def file(self, name: str, method: str = "GET", host: str | None = None) -> Answer:
        return self.ask(f"/{self.token}/{name}", method, host)


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    headers: dict[str, str]


@pytest.fixture(scope="module")
def site(toy_result: Path) -> Iterator[Site]:
    (toy_result.parent / "secret.txt").write_text("not for others", "utf-8")
    words = [*START, "--lang", "en", "serve", str(toy_result)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        address = urlsplit(run.stdout.readline().strip())
        assert address.hostname == "127.0.0.1"
        assert address.port is not None
        yield Site(toy_result, address.port, address.path.strip("/"), run)
        run.kill()


def test_the_bare_address_shows_the_map_as_it_lies_in_the_folder(site: Site) -> None:
    start = site.ask(f"/{site.token}/")
    assert (start.status, start.headers["Location"]) == (302, f"/{site.token}/map.html")
    page = site.file("map.html")
    assert (page.status, page.body) == (200, (site.folder / "map.html").read_bytes())
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Cache-Control"] == "no-store"
    assert "Python" not in page.headers["Server"]


def test_every_file_of_the_result_can_be_read_and_nothing_else(site: Site) -> None:
    named = [
        each["name"] for each in json.loads((site.folder / "manifest.json").read_text())["files"]
    ]
    assert "underserved.csv" in named
    for name in named:
        assert site.file(name).body == (site.folder / name).read_bytes()
    for path in (
        "../secret.txt",
        "%2e%2e/secret.txt",
        "..%2fsecret.txt",
        "/" + str(site.folder.parent / "secret.txt"),
        "manifest.json/../../secret.txt",
        "none.html",
        "map.html/",
    ):
        answer = site.file(path)
        assert answer.status == 404, path
        assert b"not for others" not in answer.body


def test_without_the_token_there_is_nothing(site: Site) -> None:
    wrong = ("/wrong/map.html", f"/{site.token[:-1]}/map.html", "http://[/map.html")
    for path in ("/", "/map.html", "//map.html", *wrong):
        assert site.ask(path).status == 404, path
    assert site.ask("/%C3%BC/map.html").status == 404


def test_another_name_for_this_machine_is_refused(site: Site) -> None:
    for host in ("", "evil.example", f"evil.example:{site.port}", "127.0.0.1", "localhost:1"):
        answer = site.file("map.html", host=host)
        assert answer.status == 421, host
        assert b"<html" not in answer.body
    assert site.file("map.html", host=f"LOCALHOST:{site.port}").status == 200


def test_it_only_reads(site: Site) -> None:
    before = (site.folder / "map.html").read_bytes()
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
        assert site.file("map.html", method).status == 501, method
    assert (site.folder / "map.html").read_bytes() == before
    head = site.file("map.html", "HEAD")
    assert (head.status, head.body, head.headers["Content-Length"]) == (200, b"", str(len(before)))


def test_only_this_machine_can_connect(site: Site) -> None:
    """The same port is free on every other address of the machine."""
    elsewhere = socket.socket()
    elsewhere.bind(("127.0.0.2", site.port))
    elsewhere.close()


def test_ctrl_c_ends_it_in_peace(toy_result: Path) -> None:
    words = [*START, "--lang", "en", "--json", "serve", str(toy_result)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        address = json.loads(run.stdout.readline())["address"]
        assert address.startswith("http://127.0.0.1:")
        run.send_signal(signal.SIGINT)
        _, told = run.communicate(timeout=20)
    assert run.returncode == 0
    assert told.splitlines()[-1] == "Ended."


def test_tokens_differ(toy_result: Path) -> None:
    with open_server(toy_result) as one, open_server(toy_result) as other:
        tokens = {urlsplit(each.address).path for each in (one, other)}
    assert len(tokens) == 2
    assert all(len(token) > 30 for token in tokens)


def test_what_cannot_be_served(site: Site, tmp_path: Path) -> None:
    taken = geoplan("serve", site.folder, "--port", site.port, cwd=tmp_path)
    assert taken.returncode == 7
    assert f"Port {site.port} cannot be used" in taken.stderr
    nothing = geoplan("serve", tmp_path, cwd=tmp_path, lang="zh")
    assert nothing.returncode == 5
    assert "不是完成的結果" in nothing.stderr
    assert geoplan("serve", tmp_path, "--port", "70000", cwd=tmp_path).returncode == 2


@pytest.mark.parametrize(
    ("pages", "first"), [(Pages(every=True), "index.html"), (Pages("01"), "county-01.html")]
)
def test_pages_of_counties_begin_with_their_start_page_or_the_one_page(
    toy_result: Path, tmp_path: Path, pages: Pages, first: str
) -> None:
    written = draw_pages(toy_result, tmp_path / "p", pages, lambda what, done, of: None)
    with open_server(tmp_path / "p") as server:
        assert server.served.start_page == first
        token = urlsplit(server.address).path.strip("/")
        assert all(server.served.asked(f"/{token}/{name}") == name for name in written)


def test_a_damaged_result_is_not_shown(toy_plan: Plan, tmp_path: Path) -> None:
    folder = tmp_path / "toy"
    write_plan(toy_plan, "<p>page</p>", folder)
    with (folder / "underserved.csv").open("ab") as file:
        file.write(b"x")
    done = geoplan("serve", folder, cwd=tmp_path)
    assert done.returncode == 5
    assert "underserved.csv" in done.stderr
