"""Addresses that may be opened: https, and plain http to this machine alone."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from http.client import HTTPException, HTTPMessage, HTTPResponse
from typing import IO
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from geoplan import __version__
from geoplan.errors import SourceMissing, WrongUsage

Answer = HTTPResponse
TIMEOUT_SECONDS = 30.0


def is_loopback(address: str) -> bool:
    """Whether an address names this very machine."""
    host = urlsplit(address).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_safe(address: str) -> bool:
    """https anywhere, http on this machine."""
    parts = urlsplit(address)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and is_loopback(address))
    )


class _SafeRedirects(HTTPRedirectHandler):
    """Follows a redirection only to a safe address, and never from elsewhere to this machine."""

    def redirect_request(  # noqa: PLR0913 - the standard library asks for all of these
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        here, there = is_loopback(req.full_url), is_loopback(newurl)
        if not is_safe(newurl) or (there and not here):
            raise SourceMissing("fetch_unsafe", address=newurl)
        onward = super().redirect_request(req, fp, code, msg, headers, newurl)
        if onward is not None:
            onward.method = req.get_method()
        return onward


def open_address(address: str, method: str, asks: Mapping[str, str] | None = None) -> Answer:
    """Open an address; the caller closes the answer.

    Raises:
        WrongUsage: if the address is neither https nor on this machine.
        SourceMissing: if the server sends us on to an address that is not safe.
        urllib.error.URLError: if it cannot be reached; HTTPError if the server says no.
    """
    if not is_safe(address):
        raise WrongUsage("fetch_not_https", address=address)
    told = {"User-Agent": f"geoplan/{__version__}", "Accept-Encoding": "identity"}
    request = Request(address, headers=told | dict(asks or {}), method=method)  # noqa: S310 - checked
    proxies = [ProxyHandler({})] if is_loopback(address) else []
    answer = build_opener(_SafeRedirects, *proxies).open(request, timeout=TIMEOUT_SECONDS)
    if not isinstance(answer, HTTPResponse):
        raise URLError("no HTTP")
    return answer


def read_piece(answer: Answer, count: int) -> bytes:
    """At most `count` more bytes; b"" at the end, and also where the connection was cut.

    Raises:
        urllib.error.URLError: whatever the network's fault is called, so that none of them is
            taken for a fault of the disk.
    """
    try:
        return answer.read(count)
    except (OSError, HTTPException) as error:
        raise URLError(error) from error


def reason(error: Exception) -> str:
    """Why a connection failed, without the names of Python's classes where there are words."""
    inner = error.reason if isinstance(error, URLError) else error
    return getattr(inner, "strerror", None) or str(inner) or type(inner).__name__
