"""A certificate: a question of siting, its answer and the proof of its bound, in one file.

The file is a zip of one JSON text and tables (Parquet), so that anybody can read it:
`certificate.json` (the question, the rules, the answer), `demand` (demand_id, weight, area),
`sites` (site_id, status, open, group, cost, capacity), `pairs` (positions of demand and site from
0, milliseconds) and `prices` (what proves the bound, see siting/proof.py). It holds all that is
needed to check it, and only pairs that can count: of people, to sites that are not forbidden, and
within the threshold where there is one. Where sites have a capacity, `served` (positions of demand
and site, people) says who goes where.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from geoplan.errors import BadInput
from geoplan.model import Bools, Ints, Strings
from geoplan.siting.asked import BY_THRESHOLD
from geoplan.siting.location import Found, LocationProblem
from geoplan.siting.proof import Node, Prices, Proof
from geoplan.siting.question import Question

FORMAT, VERSION = "geoplan-certificate", 1
_TEXT = "certificate.json"
_DATE = (1980, 1, 1, 0, 0, 0)
_PARTS = ("demand", "site", "rule")
_PER_RULE = ("at_least", "at_most", "least_share")


class NotACertificate(ValueError):
    """The file cannot be read as one."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What was asked, of which demand and sites, and what was answered.

    Ids stand in the order of the problem's positions; those of groups and areas may be left out.
    """

    model: str  # as in siting/models.py
    problem: LocationProblem
    question: Question
    found: Found
    demand_id: Strings
    site_id: Strings
    group_id: tuple[str, ...] = ()
    area_id: tuple[str, ...] = ()


def certificate_file(certificate: Certificate, name: str = "") -> tuple[str, bytes]:
    """Name and bytes of the file: `certificate-<name>.zip`. The same answer gives the same bytes.

    A result folder takes it as it takes any file (`export.folder.write_result`). An answer that
    is infeasible has nothing to prove and needs none.
    """
    kept = replace(certificate, problem=_counting(certificate))
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as file:
        for part, content in _parts(kept):
            file.writestr(zipfile.ZipInfo(part, _DATE), content)
    return f"certificate-{name}.zip" if name else "certificate.zip", sink.getvalue()


def is_certificate(name: str) -> bool:
    """Whether a file of a result is one, by its name."""
    return name.startswith("certificate") and name.endswith(".zip")


def read_certificate(path: Path) -> Certificate:
    """The certificate in a file.

    Raises:
        NotACertificate: what stands there is none, or is not whole. Whether it is true is for
            siting/check.py.
    """
    try:
        with zipfile.ZipFile(path) as file:
            text = json.loads(file.read(_TEXT))
            if (text["format"], text["version"]) != (FORMAT, VERSION):
                raise NotACertificate(f"{text['format']} {text['version']}")
            there = set(file.namelist())
            tables = {
                name: _columns(file.read(f"{name}.parquet")) if f"{name}.parquet" in there else {}
                for name in _TABLES
            }
        return _certificate(text, tables)
    except NotACertificate:
        raise
    except BadInput as error:
        raise NotACertificate("; ".join(fault.tell("en") for fault in error.faults)) from error
    except Exception as error:  # whatever a broken file makes its readers say
        raise NotACertificate(f"{type(error).__name__}: {error}") from error


def _counting(certificate: Certificate) -> LocationProblem:
    """The problem with the pairs that can count."""
    problem, question = certificate.problem, certificate.question
    row = np.repeat(np.arange(problem.points), np.diff(problem.start))
    kept: Bools = (problem.weight[row] > 0) & ~problem.forbidden[problem.site]
    if certificate.model in BY_THRESHOLD and question.threshold_ms is not None:
        kept &= problem.ms <= question.threshold_ms
    start = np.concatenate([[0], np.cumsum(kept)])[problem.start]
    return replace(problem, start=start, site=problem.site[kept], ms=problem.ms[kept])


def _parts(certificate: Certificate) -> Iterator[tuple[str, bytes]]:
    text = json.dumps(_text(certificate), ensure_ascii=False, indent=1) + "\n"
    yield _TEXT, text.encode()
    for name, make in _TABLES.items():
        if columns := make(certificate):
            yield f"{name}.parquet", _parquet(columns)


def _text(certificate: Certificate) -> dict[str, Any]:
    problem, found = certificate.problem, certificate.found
    proof = found.proof
    return {
        "format": FORMAT,
        "version": VERSION,
        "model": certificate.model,
        "question": asdict(certificate.question),
        "rules": {
            "groups": list(certificate.group_id),
            "areas": list(certificate.area_id),
            **{name: _listed(getattr(problem, name)) for name in _PER_RULE},
            "apart": _listed(problem.apart),
            "budget": problem.budget,
        },
        "answer": {
            "status": found.status,
            "objective": found.objective,
            "bound": found.bound,
            "proven_bound": None if proof is None else proof.bound,
        },
        "proof": None
        if proof is None
        else {"shift": proof.shift, "branches": [node.branch for node in proof.nodes]},
    }


def _demand(certificate: Certificate) -> dict[str, Any]:
    problem = certificate.problem
    columns: dict[str, Any] = {"demand_id": certificate.demand_id, "weight": problem.weight}
    return columns if problem.area is None else {**columns, "area": problem.area}


def _sites(certificate: Certificate) -> dict[str, Any]:
    problem = certificate.problem
    opened = np.zeros(problem.sites, np.bool_)
    opened[certificate.found.chosen] = True
    columns: dict[str, Any] = {
        "site_id": certificate.site_id,
        "fixed": problem.fixed,
        "forbidden": problem.forbidden,
        "open": opened,
    }
    given = {name: getattr(problem, name) for name in ("group", "cost", "capacity")}
    return columns | {name: values for name, values in given.items() if values is not None}


def _served(certificate: Certificate) -> dict[str, Any]:
    served = certificate.found.served
    if served is None:
        return {}
    return dict(zip(_SERVED_COLUMNS, served.T.astype(np.int64), strict=True))


def _pairs(certificate: Certificate) -> dict[str, Any]:
    problem = certificate.problem
    row = np.repeat(np.arange(problem.points, dtype=np.int32), np.diff(problem.start))
    return {"demand": row, "site": problem.site, "ms": problem.ms}


def _prices(certificate: Certificate) -> dict[str, Any]:
    """Prices that are not 0: node, turn at the node, kind (of _PARTS), position, price."""
    blocks = [np.zeros((5, 0), np.int64)]
    nodes = certificate.found.proof.nodes if certificate.found.proof is not None else ()
    for at, node in enumerate(nodes):
        for turn, prices in enumerate(node.prices):
            for kind, name in enumerate(_PARTS):
                values: Ints = getattr(prices, name)
                here = np.flatnonzero(values)
                block = np.empty((5, len(here)), np.int64)
                block[0], block[1], block[2], block[3], block[4] = (
                    at,
                    turn,
                    kind,
                    here,
                    values[here],
                )
                blocks.append(block)
            # A set without any price still stands: it is told by a price of nothing.
            blocks.append(np.array([[at], [turn], [len(_PARTS)], [0], [0]]))
    return dict(zip(_PRICE_COLUMNS, np.concatenate(blocks, axis=1), strict=True))


_PRICE_COLUMNS = ("node", "turn", "kind", "position", "price")
_SERVED_COLUMNS = ("demand", "site", "people")
_TABLES = {
    "demand": _demand,
    "sites": _sites,
    "pairs": _pairs,
    "served": _served,
    "prices": _prices,
}


def _listed(values: Ints | None) -> list[Any] | None:
    return None if values is None else values.tolist()


def _parquet(columns: Mapping[str, Any]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    made = {
        name: pa.array(
            values.tolist() if values.dtype == object else values,
            pa.string() if values.dtype == object else None,
        )
        for name, values in columns.items()
    }
    whole = [name for name, values in columns.items() if values.dtype.kind == "i"]
    sink = pa.BufferOutputStream()
    pq.write_table(
        pa.table(made),
        sink,
        compression="zstd",
        compression_level=9,
        use_dictionary=False,
        column_encoding=dict.fromkeys(whole, "DELTA_BINARY_PACKED"),
    )
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _columns(content: bytes) -> dict[str, npt.NDArray[Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(pa.BufferReader(content))
    return {name: table[name].to_numpy() for name in table.column_names}


def _certificate(text: Mapping[str, Any], tables: Mapping[str, Mapping[str, Any]]) -> Certificate:
    demand, sites, pairs = tables["demand"], tables["sites"], tables["pairs"]
    rules, answer = text["rules"], text["answer"]
    counts = np.bincount(pairs["demand"], minlength=len(demand["weight"]))
    if (np.diff(pairs["demand"]) < 0).any():
        raise NotACertificate("pairs: demand does not rise")
    problem = LocationProblem(
        start=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        site=pairs["site"].astype(np.int32),
        ms=pairs["ms"],
        weight=demand["weight"],
        sites=len(sites["site_id"]),
        fixed=sites["fixed"],
        forbidden=sites["forbidden"],
        budget=rules["budget"],
        area=demand.get("area"),
        **{name: sites.get(name) for name in ("group", "cost", "capacity")},
        apart=None if rules["apart"] is None else np.array(rules["apart"], np.int64).reshape(-1, 2),
        **{name: _array(rules[name]) for name in _PER_RULE},
    )
    found = Found(
        chosen=np.flatnonzero(sites["open"]),
        objective=answer["objective"],
        bound=answer["bound"],
        status=answer["status"],
        served=np.stack([tables["served"][name] for name in _SERVED_COLUMNS], axis=1)
        if tables["served"]
        else None,
        proof=_proof(text, tables["prices"], problem),
    )
    names: dict[str, Any] = {
        "group_id": tuple(rules["groups"]),
        "area_id": tuple(rules["areas"]),
        "demand_id": demand["demand_id"],
        "site_id": sites["site_id"],
    }
    question = Question(**text["question"])
    return Certificate(text["model"], problem, question, found, **names)


def _array(values: Sequence[Any] | None) -> Ints | None:
    return None if values is None else np.array(values, np.int64)


def _proof(
    text: Mapping[str, Any], prices: Mapping[str, Ints], problem: LocationProblem
) -> Proof | None:
    if text["proof"] is None:
        return None
    branches = text["proof"]["branches"]
    sets: list[list[Prices]] = [[] for _ in branches]
    ends = np.flatnonzero(prices["kind"] == len(_PARTS))
    rules = 1 + int(prices["position"][prices["kind"] == 2].max(initial=-1))
    sizes = (problem.points, 0 if problem.capacity is None else problem.sites, rules)
    first = 0
    for end in ends.tolist():
        part = slice(first, end)
        made = [
            _dense(prices, part, kind, size) for kind, size in zip(range(3), sizes, strict=True)
        ]
        sets[int(prices["node"][end])].append(Prices(*made))
        first = end + 1
    nodes = tuple(Node(tuple(each), branch) for each, branch in zip(sets, branches, strict=True))
    return Proof(text["answer"]["proven_bound"], text["proof"]["shift"], nodes)


def _dense(prices: Mapping[str, Ints], part: slice, kind: int, size: int) -> Ints:
    mine = prices["kind"][part] == kind
    values = np.zeros(size, np.int64)
    values[prices["position"][part][mine]] = prices["price"][part][mine]
    return values
