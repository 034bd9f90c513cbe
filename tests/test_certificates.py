"""Certificates: what is written is read back, the same bytes each time, and only what counts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from geoplan.certificates import (
    Certificate,
    NotACertificate,
    certificate_file,
    is_certificate,
    read_certificate,
)
from geoplan.siting.location import Found, LocationProblem
from geoplan.siting.proof import Node, Prices, Proof
from geoplan.siting.question import Question
from tests.test_cover_models import THRESHOLD, problems

QUICK = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def certificate_of(problem: LocationProblem) -> Certificate:
    def ints(*values: int) -> np.ndarray:
        return np.array(values, np.int64)

    first = Prices(np.arange(problem.points), ints(), ints(0, 7))
    none = Prices(np.zeros(problem.points, np.int64), ints(), ints(0, 0))
    nodes = (Node((first, none), 0), Node((), -1), Node((none,), -1))
    found = Found(ints(0), 3, 5, "within", proof=Proof(4, 20, nodes))
    names = np.array([f"點{i}" for i in range(problem.points)], object)
    sites = np.array([f"s{j}" for j in range(problem.sites)], object)
    return Certificate("mclp", problem, Question(THRESHOLD, 2), found, names, sites, ("北", "南"))


@QUICK
@given(problems())
def test_what_is_written_is_read_back(tmp_path: Path, problem: LocationProblem) -> None:
    made = certificate_of(problem)
    name, content = certificate_file(made, "all")
    assert name == "certificate-all.zip"
    assert is_certificate(name)
    assert (name, content) == certificate_file(made, "all")
    (tmp_path / name).write_bytes(content)
    read = read_certificate(tmp_path / name)
    assert (read.model, read.question, read.group_id) == ("mclp", made.question, ("北", "南"))
    assert read.demand_id.tolist() == made.demand_id.tolist()
    for field in ("weight", "fixed", "forbidden", "group", "at_least", "at_most", "cost"):
        mine, theirs = getattr(problem, field), getattr(read.problem, field)
        assert (mine is None and theirs is None) or mine.tolist() == theirs.tolist(), field
    assert read.problem.budget == problem.budget
    # Nothing in it is out of reach, forbidden or of nobody, and nothing else is left out.
    rows = np.repeat(np.arange(problem.points), np.diff(problem.start))
    counts = (problem.ms <= THRESHOLD) & (problem.weight[rows] > 0)
    counts &= ~problem.forbidden[problem.site]
    assert read.problem.ms.tolist() == problem.ms[counts].tolist()
    assert read.problem.site.tolist() == problem.site[counts].tolist()
    proof, wanted = read.found.proof, made.found.proof
    assert proof is not None
    assert wanted is not None
    assert [(node.branch, len(node.prices)) for node in proof.nodes] == [(0, 2), (-1, 0), (-1, 1)]
    assert proof.nodes[0].prices[0].demand.tolist() == list(range(problem.points))
    assert proof.nodes[0].prices[0].rule.tolist() == [0, 7]
    # Written again it is the same file.
    assert certificate_file(read, "all") == (name, content)


@pytest.mark.parametrize("content", [b"", b"PK", b"{}"])
def test_anything_else_is_no_certificate(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "certificate.zip").write_bytes(content)
    with pytest.raises(NotACertificate):
        read_certificate(tmp_path / "certificate.zip")
