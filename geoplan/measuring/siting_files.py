"""The result folder of `geoplan site`: tables, plan.json, the certificate; whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np

import geoplan
from geoplan.certificates import Certificate, certificate_file
from geoplan.export.folder import write_result
from geoplan.measuring.files import Columns, csv_text
from geoplan.measuring.siting import ReadySiting, SiteRequest
from geoplan.measuring.siting_answer import Answer
from geoplan.measuring.siting_words import (
    Number,
    Units,
    amount,
    gap_words,
    named,
    status_word,
    told,
    units_of,
)
from geoplan.model import Ints
from geoplan.siting.location import Found
from geoplan.siting.models import MODELS, Unit
from geoplan.siting.otherwise import curve_model, in_words
from geoplan.siting.serving import assignment, ways_between
from geoplan.texts import LANGS

FORMAT = "geoplan-site"
_APART = ";"


def write_answer(request: SiteRequest, ready: ReadySiting, answer: Answer) -> None:
    """Every file of the result, its manifest last.

    Raises:
        CannotWrite: if the system says no; what stood there before is untouched.
    """
    about = {"geoplan": geoplan.__version__, "kind": FORMAT}
    write_result(request.out, _files(request, ready, answer), about)


def _files(request: SiteRequest, ready: ReadySiting, answer: Answer) -> Iterator[tuple[str, bytes]]:
    tables = {
        "sites": sites_table(ready, answer),
        "assignment": assignment_table(ready, answer),
        "curve": curve_table(request, ready, answer),
        "alternatives": alternatives_table(request, ready, answer),
        "areas": areas_table(ready, answer),
    }
    for name, columns in tables.items():
        yield f"{name}.csv", csv_text(columns).encode()
    plan = json.dumps(plan_json(request, ready, answer), ensure_ascii=False, indent=1)
    yield "plan.json", (plan + "\n").encode()
    yield certificate_file(
        Certificate(
            request.name,
            ready.problem,
            ready.question,
            answer.found,
            np.array(ready.own.demand.id, object),
            np.array(ready.own.sites.id, object),
            ready.group_id,
            ready.area_id,
        )
    )


def sites_table(ready: ReadySiting, answer: Answer) -> Columns:
    """Every candidate in the order of ids: what it is in the plan, and what it gives."""
    own, units, sites = ready.own.sites, units_of(ready), answer.sites
    at = {int(site): row for row, site in enumerate(sites.site)}
    served = np.zeros(len(own.id), np.int64)
    flow = assignment(ready.problem, answer.found)
    np.add.at(served, flow[:, 1], flow[:, 2])

    def of_plan(values: Ints, per: int) -> list[Number | str]:
        return [amount(values[at[j]], per) if j in at else "" for j in range(len(own.id))]

    people, person_minutes = units.people, units.people * units.minutes
    runs = answer.frequency
    shares = [None if runs is None else runs.share(j) for j in range(len(own.id))]
    columns: dict[str, Any] = {
        "site_id": own.id,
        "status": [site_status(ready, answer, j) for j in range(len(own.id))],
        "order": [sites.order[at[j]] or "" if j in at else "" for j in range(len(own.id))],
        "gain_people": of_plan(sites.gain_people, people),
        "gain_person_minutes": of_plan(sites.gain_person_ms, person_minutes),
        "loss_people": of_plan(sites.loss_people, people),
        "loss_person_minutes": of_plan(sites.loss_person_ms, person_minutes),
        "people_served": [amount(served[j], people) if j in at else "" for j in range(len(own.id))],
        "share_of_runs": ["" if share is None else round(share, 4) for share in shares],
        "how_often": ["" if not share else in_words(share) for share in shares],
        "fixed": _flags(ready.problem.fixed),
        "forbidden": _flags(ready.problem.forbidden),
    }
    if own.group is not None:
        columns["group"] = [own.group_id[g] for g in own.group]
    if ready.problem.capacity is not None:  # gains and losses are people with room there
        del columns["gain_person_minutes"], columns["loss_person_minutes"]
        columns["capacity"] = own.capacity
    points = {"lon": own.lon, "lat": own.lat}
    return columns | {name: values for name, values in points.items() if values is not None}


def site_status(ready: ReadySiting, answer: Answer, site: int) -> str:
    """`existing`, `proposed` (open in the plan and new) or `candidate` (not chosen)."""
    if ready.own.sites.existing[site]:
        return "existing"
    return "proposed" if site in answer.found.chosen else "candidate"


def assignment_table(ready: ReadySiting, answer: Answer) -> Columns:
    """Every demand point in the order of ids: the open site its people go to, and the nearest
    before. Where sites have room for so many, a point's people may go to several, a row each."""
    own, units, found = ready.own, units_of(ready), answer.found
    flow = assignment(ready.problem, found)
    nowhere = np.setdiff1d(np.arange(ready.problem.points), flow[:, 0])
    none = np.stack([nowhere, np.full(len(nowhere), -1), np.zeros(len(nowhere), np.int64)], axis=1)
    flow = np.concatenate([flow, none])
    flow = flow[np.lexsort((flow[:, 1], flow[:, 0]))]
    point, site = flow[:, 0], flow[:, 1]
    ms = ways_between(ready.problem, point, site)
    limit, before = ready.question.threshold_ms, answer.before
    # Where a person needs several sites within the threshold, the nearest alone does not tell.
    reached = answer.after.reached[point] > 0
    if found.served is not None and limit is not None:
        reached = ms <= limit
    return {
        "demand_id": [own.demand.id[i] for i in point],
        "population": [amount(w, units.people) for w in ready.problem.weight[point]],
        "site_id": ["" if j < 0 else own.sites.id[j] for j in site],
        "people": [amount(people, units.people) for people in flow[:, 2]],
        "minutes": _minutes(ms, site, units),
        "reached": _flags(reached & (site >= 0)),
        "site_id_before": ["" if j < 0 else own.sites.id[j] for j in before.by[point]],
        "minutes_before": _minutes(before.ms[point], before.by[point], units),
        "reached_before": _flags(before.reached[point] > 0),
    }


def _minutes(ms: Ints, site: Any, units: Units) -> list[Number | str]:
    pairs = zip(ms.tolist(), site.tolist(), strict=True)
    return ["" if j < 0 else amount(way, units.minutes) for way, j in pairs]


def curve_table(request: SiteRequest, ready: ReadySiting, answer: Answer) -> Columns:
    """The plan's first sites by their number, and the best plan of so many with its bound."""
    unit = MODELS[curve_model(request.name)].unit
    units, points = units_of(ready), answer.curve

    def shown(values: list[int | None]) -> list[Number | str]:
        return ["" if value is None else units.of(value, unit) for value in values]

    return {
        "sites": [point.count for point in points],
        "in_order": shown([point.in_order for point in points]),
        "best": shown([point.best for point in points]),
        "bound": shown([point.bound for point in points]),
        "status": [point.status or "" for point in points],
        "counts": [counts_word(ready, unit)] * len(points),
    }


def alternatives_table(request: SiteRequest, ready: ReadySiting, answer: Answer) -> Columns:
    """Other plans nearly as good: what they are worth, which sites they leave out and bring in."""
    unit, units = MODELS[request.name].unit, units_of(ready)
    chosen, ids = set(answer.found.chosen.tolist()), ready.own.sites.id
    plans = [set(other.found.chosen.tolist()) for other in answer.alternatives]

    def names(sites: set[int]) -> str:
        return _APART.join(ids[site] for site in sorted(sites))

    found = [other.found for other in answer.alternatives]
    worse = [abs(each.objective - answer.found.objective) for each in found]
    return {
        "alternative": list(range(1, len(plans) + 1)),
        "objective": [units.of(each.objective, unit) for each in found],
        "bound": [units.of(each.bound, unit) for each in found],
        "status": [each.status for each in found],
        "worse_by": [units.of(value, unit) for value in worse],
        "differs": [other.differs for other in answer.alternatives],
        "leaves_out": [names(chosen - plan) for plan in plans],
        "brings_in": [names(plan - chosen) for plan in plans],
    }


def areas_table(ready: ReadySiting, answer: Answer) -> Columns:
    """Who gains by area, before and after; one row for all where there are no areas."""
    areas, units = answer.areas, units_of(ready)
    everybody = areas.people.tolist()

    def people(values: Ints) -> list[Number]:
        return [amount(value, units.people) for value in values.tolist()]

    def share(values: Ints) -> list[float | str]:
        pairs = zip(values.tolist(), everybody, strict=True)
        return [value / of if of else "" for value, of in pairs]

    def mean(ms: Ints, with_way: Ints) -> list[float | str]:
        pairs = zip(ms.tolist(), with_way.tolist(), strict=True)
        return [value / of / units.minutes if of else "" for value, of in pairs]

    return {
        "area": list(ready.area_id) or ["*"],
        "population": people(areas.people),
        "reached_before": people(areas.reached_before),
        "reached_after": people(areas.reached_after),
        "share_before": share(areas.reached_before),
        "share_after": share(areas.reached_after),
        "nearer": people(areas.nearer),
        "mean_minutes_before": mean(areas.person_ms_before, areas.with_way_before),
        "mean_minutes_after": mean(areas.person_ms_after, areas.with_way_after),
    }


def plan_json(request: SiteRequest, ready: ReadySiting, answer: Answer) -> dict[str, Any]:
    """The answer and how it was come to; no clock, so that the same question gives the same."""
    return {
        **answer_json(request, ready, answer.found),
        "people": _people_json(ready, answer),
        "equity": {"gini_before": answer.areas.gini_before, "gini_after": answer.areas.gini_after},
        "sites": [ready.own.sites.id[j] for j in answer.sites.site],
        "runs": None if answer.frequency is None else answer.frequency.runs,
        "asked": dict(answer.asked),
        "stopped": answer.stopped,
    }


def answer_json(request: SiteRequest, ready: ReadySiting, found: Found) -> dict[str, Any]:
    """Question, status, objective and bound; whole numbers where they are whole."""
    unit, units = MODELS[request.name].unit, units_of(ready)
    some = found.status != "infeasible"
    proven = None if found.proof is None else units.of(found.proof.bound, unit)
    return {
        "format": FORMAT,
        "geoplan": geoplan.__version__,
        "model": request.name,
        "question": _question_json(request),
        "status": found.status,
        "objective": units.of(found.objective, unit) if found.has_plan else None,
        "bound": units.of(found.bound, unit) if some else None,
        "gap": found.gap if found.has_plan else None,
        "proven_bound": proven,
        "counts": counts_word(ready, unit),
        "open": len(found.chosen),
        "words": {lang: status_word(found, lang) for lang in LANGS},
        "gap_words": {
            lang: gap_words(request, ready, found, lang) if found.has_plan else "" for lang in LANGS
        },
        "why": [
            {"code": fault.code, **{lang: told(fault, lang) for lang in LANGS}}
            for fault in named(ready, found.why)
        ],
        "stages": [stage.name for stage in found.stages],
        "inputs": [{"file": source.path.name, "sha256": source.sha256} for source in ready.sources],
    }


def counts_word(ready: ReadySiting, unit: Unit) -> str:
    """What an objective counts, as a word of the tables."""
    if unit == "cost" and ready.problem.cost is None:
        return "sites"
    return {"person_ms": "person_minutes", "ms": "minutes", "millionths": "share"}.get(unit, unit)


def _question_json(request: SiteRequest) -> dict[str, Any]:
    """What was asked, as it was written; of files the name only."""
    asked = {
        "p": request.count,
        "threshold": request.threshold,
        "times": request.times,
        "share": request.share or None,
        "budget": request.budget,
        "min_share": request.min_share or None,
        "apart": request.apart or None,
        "gini": request.gini or None,
        "by_need": request.by_need,
        "capacity": request.capacity,
        "seconds": request.seconds,
        "seed": request.seed,
        "solver": request.solver,
    }
    files = {role: path.name for role, path in request.files.items() if path is not None}
    return {**asked, **files}


def _people_json(ready: ReadySiting, answer: Answer) -> dict[str, Any]:
    problem, units = ready.problem, units_of(ready)
    no_way = int((problem.weight - answer.after.going).sum())
    return {
        "all": amount(int(problem.weight.sum()), units.people),
        "reached_before": amount(answer.before.people, units.people),
        "reached_after": amount(answer.after.people, units.people),
        "person_minutes_after": units.of(int(answer.after.person_ms.sum()), "person_ms"),
        "without_a_site": amount(no_way, units.people),
    }


def _flags(flags: Any) -> list[str]:
    return ["true" if flag else "false" for flag in flags]
