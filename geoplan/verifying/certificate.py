"""Is a certificate true? Rules, objective and bound from its own pairs, without a solver."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from geoplan.certificates import Certificate, NotACertificate, read_certificate
from geoplan.siting.asked import MOST_PEOPLE, PROVABLE, asked, people_rules, site_rules
from geoplan.siting.check import NotProven, check_proof
from geoplan.siting.recount import Broken, Plan, broken_rules, worth_of
from geoplan.verifying.findings import Finding, bad, good, judged, note
from geoplan.verifying.tables import UNREADABLE

_SHOWN = 3


def check_certificate(path: Path) -> tuple[Certificate | None, list[Finding]]:
    """The certificate, if it can be read, and what was found."""
    try:
        read = read_certificate(path)
    except NotACertificate:
        return None, [bad("certificate_unreadable", file=path.name)]
    try:
        return read, list(_checks(path.name, read))
    except UNREADABLE:  # only of a certificate that was not written by us
        return None, [bad("certificate_unreadable", file=path.name)]


def _checks(file: str, read: Certificate) -> Iterator[Finding]:
    problem, found = read.problem, read.found
    plan = Plan(read.model, problem, read.question, found.chosen, found.served)
    broken = broken_rules(plan)
    for each in broken[:_SHOWN]:
        yield _told(file, read, each)
    if not broken:
        rules = site_rules(read.model, problem, read.question)
        shares = people_rules(read.model, problem, read.question)
        number = len(rules) + len(shares)
        yield good("rules", file=file, open=len(found.chosen), rules=number)
    if problem.capacity is not None and found.served is None:
        yield note("flow_unknown", file=file)
        return
    worth = worth_of(plan)
    pairs = len(problem.site)
    yield judged(
        worth == found.objective, "objective", file=file, objective=found.objective,
        counted="-" if worth is None else worth, pairs=pairs,
    )  # fmt: skip
    most = read.model in (*MOST_PEOPLE, "worst-area")
    beyond = found.bound - found.objective if most else found.objective - found.bound
    fits = beyond >= 0 and (found.status == "optimal") == (beyond == 0)
    fits = fits and found.status in ("optimal", "within", "cut_off")
    if not fits:
        yield bad("status_wrong", file=file, status=found.status, bound=found.bound)
    yield from _bound(file, read, most)


def _bound(file: str, read: Certificate, most: bool) -> Iterator[Finding]:
    found, proof = read.found, read.found.proof
    if proof is None or read.model not in PROVABLE:
        yield note("bound_unproven", file=file, bound=found.bound)
        return
    question = asked(read.model, read.problem, read.question, proof.bound)
    try:
        check_proof(question, read.problem, proof)
    except NotProven as error:
        yield bad(f"proof_{error.code}", file=file, bound=proof.bound, node=error.node + 1)
        return
    code = "bound_most" if most else "bound_least"
    sets = sum(len(node.prices) for node in proof.nodes)
    equal = proof.bound == found.objective
    yield good(f"{code}_best" if equal else code, file=file, bound=proof.bound, sets=sets)
    if proof.bound != found.bound:
        yield note("bound_rests", file=file, bound=found.bound, proven=proof.bound)


def _told(file: str, read: Certificate, broken: Broken) -> Finding:
    """A broken rule with the name of its group, area, site or demand point."""
    at: object = broken.at + 1
    names: tuple[object, ...] = {
        "at_least": read.group_id,
        "at_most": read.group_id,
        "least_share": read.area_id,
        "fixed": tuple(read.site_id),
        "forbidden": tuple(read.site_id),
        "capacity": tuple(read.site_id),
        **dict.fromkeys(("all_covered", "served", "people"), tuple(read.demand_id)),
    }.get(broken.rule, ())
    if broken.at < len(names):
        at = names[broken.at]
    elif broken.rule == "apart" and read.problem.apart is not None:
        at = ", ".join(str(read.site_id[j]) for j in read.problem.apart[broken.at])
    values = {"file": file, "at": at, "found": broken.found, "limit": broken.limit}
    return bad(f"broken_{broken.rule}", **values)
