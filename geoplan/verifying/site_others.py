"""Are the other plans of `geoplan site`, and its curve, what the certificate's pairs make them?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from geoplan.certificates import Certificate
from geoplan.siting.asked import BY_COST, CENTRES
from geoplan.siting.recount import Plan, broken_rules, worth_of
from geoplan.verifying.findings import Finding, judged
from geoplan.verifying.sited import Sited, fits, no_better, same, told_of, unit_of
from geoplan.verifying.tables import read_rows


def check_alternatives(sited: Sited) -> Iterator[Finding]:
    """alternatives.csv: each plan's worth and rules from the pairs, its difference, its status."""
    certificate, wrong = sited.certificate, []
    rows = read_rows(sited.folder / "alternatives.csv")
    chosen = set(certificate.found.chosen.tolist())
    fixed = certificate.problem.fixed
    for at, row in enumerate(rows):
        out, back = (
            {sited.position[name] for name in row[column].split(";") if name}
            for column in ("leaves_out", "brings_in")
        )
        right = row["alternative"] == str(at + 1) and out <= chosen and not back & chosen
        right &= int(row["differs"]) == sum(not fixed[j] for j in out)
        value = float(row["objective"])
        told = sited.plan["objective"], sited.plan["bound"]
        right &= same(row["worse_by"], abs(value - told[0]))
        right &= fits(certificate.model, value, row["bound"], row["status"])
        right &= no_better(certificate.model, value, told[1])
        if sited.has_room:
            others = np.array(sorted((chosen - out) | back), np.int64)
            plan = Plan(certificate.model, certificate.problem, certificate.question, others)
            worth = worth_of(plan)
            unit = unit_of(sited, certificate.model)
            right &= not _broken(plan) and worth is not None
            right &= unit is None or same(value, (worth or 0) / unit)
        wrong += [] if right else [str(at + 1)]
    yield judged(not wrong, "others", file="alternatives.csv", count=len(rows), what=told_of(wrong))


def _broken(plan: Plan) -> bool:
    """Whether another plan breaks a rule; where groups have quotas, what it leaves out is said by
    a budget, and then the number is the most there may be."""
    quotas = plan.problem.at_least is not None or plan.problem.at_most is not None
    return any(each.rule != "count" or not quotas for each in broken_rules(plan))


def check_curve(sited: Sited) -> Iterator[Finding]:
    """curve.csv: the plan's first sites from the pairs; best, bound and status fit one another."""
    certificate, wrong = sited.certificate, []
    rows = read_rows(sited.folder / "curve.csv")
    by_cost = certificate.model in (*BY_COST, "worst-area")
    model = "mclp" if by_cost else certificate.model
    counted = "p-centre" if model in CENTRES else model  # in order, by anybody's nearest site
    fixed = int(certificate.problem.fixed[certificate.found.chosen].sum())
    numbers = [str(count) for count in range(fixed, len(sited.in_plan) + 1)]
    wrong += [] if [row["sites"] for row in rows] == numbers else ["sites"]
    plain = replace(certificate.problem, least_share=None)
    unit = unit_of(sited, model)
    last: float | None = None
    for row in rows:
        count = int(row["sites"])
        opened = np.array(sorted(sited.in_plan[:count]), np.int64)
        right = True
        if sited.has_room and unit is not None:
            worth = worth_of(Plan(counted, plain, certificate.question, opened))
            right = row["in_order"] == "" if worth is None else same(row["in_order"], worth / unit)
        if row["best"]:
            right &= fits(model, float(row["best"]), row["bound"], row["status"])
            if _is_free(certificate):
                better = float(row["best"])
                right &= not row["in_order"] or no_better(
                    model, float(row["in_order"]), row["bound"]
                )
                right &= last is None or no_better(model, last, row["bound"])
                last = better
            if not by_cost and count == len(sited.in_plan):
                right &= same(row["best"], sited.plan["objective"])
                right &= same(row["bound"], sited.plan["bound"])
        else:
            right &= not row["bound"]
        wrong += [] if right else [row["sites"]]
    yield judged(not wrong, "curve", file="curve.csv", count=len(rows), what=told_of(wrong))


def _is_free(certificate: Certificate) -> bool:
    """Whether no rule but the number binds, so that more sites are never worse."""
    problem = certificate.problem
    rules = (problem.at_least, problem.at_most, problem.budget, problem.apart, problem.least_share)
    return all(rule is None for rule in rules) and certificate.model != "even-cover"
