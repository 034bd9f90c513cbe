"""A download that a person asked for: an OpenStreetMap extract, resumed, checked, recorded.

Nothing here runs unless `geoplan roads fetch` is called. What came so far stays as `<file>.part`;
beside it `<file>.part.tag` holds the server's mark of the version, so that a later start goes on
only with the very same file (RFC 9110, 13.1.5 If-Range and 14.2 Range).
"""

from __future__ import annotations

import http.client
import json
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from urllib.error import HTTPError, URLError

from filelock import FileLock, Timeout

from geoplan.errors import CannotWrite, NetworkNeeded, SourceMissing, WrongUsage
from geoplan.roads.web import Answer, open_address, read_piece, reason
from geoplan.roads.write import digest
from geoplan.texts import say

SERVER = "https://download.geofabrik.de"
SHORT_NAMES = {"taiwan": "asia/taiwan"}
SUFFIX = "-latest.osm.pbf"
PIECE_BYTES = 2**18
MOST_TRIES = 4
"""So often in a row a cut download is taken up again without a byte more, before giving up."""
PAUSE_SECONDS = 2.0

Told = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Offer:
    """What would be downloaded: its address, name, size (None if the server keeps it to itself)."""

    address: str
    name: str
    size: int | None


@dataclass(frozen=True, slots=True)
class Fetched:
    """The file that came; `md5_checked` is False where the server publishes no md5."""

    path: Path
    address: str
    size: int
    sha256: str
    md5: str
    md5_checked: bool
    new: bool


def look_up(region: str, server: str) -> Offer:
    """What the server has for a region such as `asia/taiwan` or `taiwan`.

    Raises:
        WrongUsage: if the region cannot be one or is not there, or the server is not https.
        NetworkNeeded: if there is no network, or the server does not answer.
    """
    if not re.fullmatch(r"[a-z0-9-]+(/[a-z0-9-]+)*", region):
        raise WrongUsage("fetch_region_odd", region=region)
    path = SHORT_NAMES.get(region, region)
    address = f"{server.rstrip('/')}/{path}{SUFFIX}"
    with _asked(region, address), open_address(address, "HEAD") as answer:
        length = answer.headers.get("Content-Length", "")
        return Offer(address, address.rsplit("/", 1)[1], int(length) if length.isdigit() else None)


def download(region: str, offer: Offer, folder: Path, told: Told) -> Fetched:
    """Bring the file into `folder`, go on where an earlier try stopped, check it, and record it.

    A file that is there already and has the published md5 is not brought again.

    Raises:
        NetworkNeeded: if the connection fails for good; what came stays for the next try.
        SourceMissing: if what came is not what the server says it is; it is thrown away.
        CannotWrite: if the folder is full, locked or read-only, or a foreign file stands there.
    """
    target = folder / offer.name
    with _written(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder / f".{offer.name}.lock"):
            md5 = _published_md5(region, offer)
            if target.exists() and md5 and digest(target, "md5") == md5:
                return _record(Fetched(target, offer.address, *_facts(target, md5), True, False))
            if target.exists() and not _record_path(target).exists():
                raise CannotWrite("file_in_the_way", path=str(target))
            part = _brought(region, offer, folder, told)
            found = digest(part, "md5")
            if md5 and found != md5:
                _forget(part)
                raise SourceMissing("fetch_checksum", address=offer.address, want=md5, got=found)
            size, sha256, _ = _facts(part, found)
            part.replace(target)
            _forget(part)
            made = Fetched(target, offer.address, size, sha256, found, bool(md5), True)
            return _record(made)


def _brought(region: str, offer: Offer, folder: Path, told: Told) -> Path:
    """The whole file as `.part`; a cut connection is taken up again a few times."""
    part = folder / f"{offer.name}.part"
    failures = 0
    while True:
        before = part.stat().st_size if part.exists() else 0
        why = ""
        try:
            with _asked(region, offer.address):
                if _bring_more(offer, part, told):
                    return part
        except NetworkNeeded as error:
            why = str(error.values.get("why", error))
        grown = part.exists() and part.stat().st_size > before
        failures = 1 if grown else failures + 1
        if failures >= MOST_TRIES:
            here = part.stat().st_size / 1e6 if part.exists() else 0.0
            code = "fetch_broken" if why else "fetch_cut"
            raise NetworkNeeded(code, address=offer.address, here=here, why=why)
        time.sleep(PAUSE_SECONDS)


def _bring_more(offer: Offer, part: Path, told: Told) -> bool:
    """One request from where `part` ends; whether the file is whole now."""
    tag_file = _tag_path(part)
    here = part.stat().st_size if part.exists() else 0
    tag = tag_file.read_text("utf-8") if tag_file.exists() else ""
    asks = {"Range": f"bytes={here}-", "If-Range": tag} if here and tag else {}
    try:
        answer = open_address(offer.address, "GET", asks)
    except HTTPError as error:
        if error.code != http.client.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise
        _forget(part)  # what is here is longer than what is there
        return False
    with answer:
        start = _start(answer)
        if start is None or start not in (0, here):
            _forget(part)
            return False
        length = answer.headers.get("Content-Length", "")
        whole = start + int(length) if length.isdigit() else None
        if start == 0:
            part.unlink(missing_ok=True)
            tag_file.write_text(_version_tag(answer), "utf-8")
        _check_room(part.parent, (whole or 0) - start)
        with part.open("ab") as file:
            return _poured(answer, file, whole, told)


def _poured(answer: Answer, file: BinaryIO, whole: int | None, told: Told) -> bool:
    """Write all that the answer still brings; whether it brought the length that it promised."""
    here = file.tell()
    while piece := read_piece(answer, PIECE_BYTES):
        file.write(piece)
        here += len(piece)
        told("roads_fetching", here // 10**6, (whole or here) // 10**6)
    return whole is None or here == whole


def _start(answer: Answer) -> int | None:
    """The first byte that the answer brings: 0 of a whole file, None if it cannot be told."""
    if answer.status == http.client.OK:
        return 0
    found = re.match(r"bytes (\d+)-", answer.headers.get("Content-Range", ""))
    return int(found[1]) if found and answer.status == http.client.PARTIAL_CONTENT else None


def _version_tag(answer: Answer) -> str:
    """What names this very version in If-Range: a strong ETag, else the date of change, else ""."""
    tag = str(answer.headers.get("ETag", ""))
    return tag if tag.startswith('"') else str(answer.headers.get("Last-Modified", ""))


def _published_md5(region: str, offer: Offer) -> str:
    """The md5 beside the file; "" if the server publishes none."""
    address = f"{offer.address}.md5"
    try:
        with _asked(region, address), open_address(address, "GET") as answer:
            text = read_piece(answer, 1000).decode("ascii", "replace")
    except WrongUsage:
        return ""
    found = re.match(r"\s*([0-9a-fA-F]{32})\b", text)
    if found is None:
        raise SourceMissing("fetch_md5_odd", address=address)
    return found[1].lower()


@contextmanager
def _asked(region: str, address: str) -> Iterator[None]:
    """What the network and the server say no with, in words that tell what to do."""
    try:
        yield
    except HTTPError as error:
        error.close()
        if error.code in (http.client.NOT_FOUND, http.client.GONE):
            raise WrongUsage("fetch_no_region", region=region, address=address) from error
        if error.code // 100 == 3:  # a redirection that the standard library does not follow
            raise SourceMissing("fetch_unsafe", address=address) from error
        raise NetworkNeeded("fetch_refused", address=address, why=error.code) from error
    except (URLError, ConnectionError, TimeoutError, http.client.HTTPException) as error:
        if isinstance(error, NetworkNeeded):
            raise
        raise NetworkNeeded("fetch_offline", address=address, why=reason(error)) from error


@contextmanager
def _written(folder: Path) -> Iterator[None]:
    try:
        yield
    except (CannotWrite, NetworkNeeded, SourceMissing):
        raise
    except OSError as error:
        why = error.strerror or str(error)
        raise CannotWrite("cannot_write", folder=str(folder), why=why) from error


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """No second download of the same file at the same time."""
    try:
        with FileLock(lock, timeout=0):
            yield
    except Timeout:
        raise CannotWrite("fetch_locked", folder=str(lock.parent)) from None


def _check_room(folder: Path, wanted: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < wanted:
        why = f"{free / 1e6:,.0f} MB < {wanted / 1e6:,.0f} MB"
        raise CannotWrite("disk_full", folder=str(folder), why=why)


def _facts(path: Path, md5: str) -> tuple[int, str, str]:
    return path.stat().st_size, digest(path, "sha256"), md5


def _record(made: Fetched) -> Fetched:
    """Write `<file>.toml`: where the file comes from, when, its hashes, its licence."""
    values = {
        "file": made.path.name,
        "address": made.address,
        "fetched": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "bytes": made.size,
        "sha256": made.sha256,
        "md5": made.md5,
        "md5_checked": made.md5_checked,
        "licence": "ODbL-1.0",
        "notice": say("roads.notice", "en"),
        "notice_zh": say("roads.notice", "zh"),
    }
    beside = _record_path(made.path)
    if made.new or not beside.exists():
        lines = (
            f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in values.items()
        )
        beside.write_text("".join(lines), "utf-8")
    return made


def _record_path(target: Path) -> Path:
    return target.with_name(f"{target.name}.toml")


def _tag_path(part: Path) -> Path:
    return part.with_name(f"{part.name}.tag")


def _forget(part: Path) -> None:
    part.unlink(missing_ok=True)
    _tag_path(part).unlink(missing_ok=True)
