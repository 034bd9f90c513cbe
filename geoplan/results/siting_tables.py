"""The plan of new sites against the best there is: year by year, other plans beside, and each part
of the country that no other part reaches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from geoplan.access.aggregate import sum_by
from geoplan.model import Bools, Coverage, Ints
from geoplan.results.listing import Listing
from geoplan.results.outcome import Ground, LayerOutcome
from geoplan.results.relist import with_states
from geoplan.siting.build_out import BuildOut, goal_of, rules_of
from geoplan.siting.location import Effort
from geoplan.siting.openings import after
from geoplan.siting.proposal import Best, Siting, YearPlan, best_plan
from geoplan.siting_step import effort_of
from geoplan.tables import SITING_BESIDE, SITING_PARTS, SITING_YEARS
from geoplan.travel.network import MS_PER_MINUTE

Judged = tuple[LayerOutcome, Listing]


def siting_years(outcomes: Sequence[LayerOutcome]) -> pd.DataFrame:
    """Columns of tables.SITING_YEARS: each year of each layer, then all years added up."""
    records = []
    for outcome in outcomes:
        siting = outcome.siting
        names = [str(year) for year in siting.years] or [""]
        before = 0
        rows = []
        for name, year in zip(names, siting.proposal.years, strict=True):
            row = _year(outcome, year, year.count - before)
            rows.append({"layer": siting.layer, "year": name, **row})
            before = year.count
        records += rows
        if len(rows) > 1:
            records.append(_all_years(outcome, rows))
    return pd.DataFrame(records, columns=SITING_YEARS.names)


def _year(outcome: LayerOutcome, year: YearPlan, new: int) -> dict[str, Any]:
    best = year.best
    return {
        "steps": steps_of(outcome),
        "new_sites": new,
        "sites": year.count,
        "stands": outcome.standing.before + year.count,
        "listed_gain": year.listed,
        "gain": year.gain,
        "best_listed_gain": best.listed,
        "best_gain": best.gain,
        "listed_bound": best.listed_bound,
        "gain_bound": year.plain.gain_bound,
        **_loss(best.listed_bound - year.listed, best.gain - year.gain, best.listed_bound),
        "proof": best.status,
    }


def _all_years(outcome: LayerOutcome, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Person-years; sites are those of the last year."""
    people = ("listed_gain", "gain", "best_listed_gain", "best_gain", "listed_bound", "gain_bound")
    total = {name: sum(row[name] for row in rows) for name in people}
    last = rows[-1]
    worst = max((row["proof"] for row in rows), key=("optimal", "within", "cut_off").index)
    return {
        "layer": last["layer"],
        "year": "",
        "steps": last["steps"],
        "new_sites": last["sites"],
        "sites": last["sites"],
        "stands": last["stands"],
        **total,
        **_loss(
            total["listed_bound"] - total["listed_gain"],
            total["best_gain"] - total["gain"],
            total["listed_bound"],
        ),
        "proof": worst,
    }


def _loss(listed: int, everybody: int, listed_bound: int) -> dict[str, Any]:
    """What the years cost: people of listed townships against the bound, all people against the
    best plan of the year alone (below 0: more than it)."""
    gap = listed / listed_bound if listed_bound else 0.0
    return {"listed_loss": listed, "loss": everybody, "gap": gap}


def steps_of(outcome: LayerOutcome) -> str:
    """What the number of new sites of each year rests on."""
    siting = outcome.layer.siting
    if not outcome.siting.years:
        return "one_step"
    if siting.yearly_budget:
        return "budget"
    return "documents" if siting.yearly_targets else "even"


def siting_beside(ground: Ground, found: Sequence[Judged]) -> pd.DataFrame:
    """Columns of tables.SITING_BESIDE: the plan, and what other aims or rules would bring."""
    records = []
    for outcome, listing in found:
        siting, proposal = outcome.siting, outcome.siting.proposal
        best = siting.last.best
        plans = {"phased": phased_plan(siting), "unphased": best, "plain": proposal.plain}
        if proposal.without_first is not None:
            plans["without_first"] = proposal.without_first
        if len(proposal.years) == 1:
            plans.pop("unphased")
        records += [
            {"layer": siting.layer, "plan": name, **_beside(ground, outcome, listing, plan)}
            for name, plan in plans.items()
        ]
    return pd.DataFrame(records, columns=SITING_BESIDE.names)


def phased_plan(siting: Siting) -> Best:
    """The proposal beside the best plan of its last year: as good only if it covers as many listed
    people, and as many in all, as no plan can beat."""
    last, best = siting.last, siting.last.best
    as_good = (last.listed, last.gain) == (best.listed_bound, best.gain_bound)
    return replace(
        best,
        chosen=siting.proposal.openings.site,
        listed=last.listed,
        gain=last.gain,
        status="optimal" if as_good else "within",
    )


def _beside(ground: Ground, outcome: LayerOutcome, listing: Listing, plan: Best) -> dict[str, Any]:
    build = outcome.siting.build
    ms, state = after(build, plan.chosen)
    then = with_states(ground, outcome, listing, state)
    places = np.unique(build.place[plan.chosen])
    timed = np.isin(build.current_state, (Coverage.COVERED, Coverage.UNCOVERED))
    saved = np.where(timed, build.current_ms - ms, 0)
    return {
        "sites": plan.count,
        "listed_gain": plan.listed,
        "gain": plan.gain,
        "listed_bound": plan.listed_bound,
        "gain_bound": plan.gain_bound,
        "proof": plan.status,
        "townships_lifted": int((listing.listed & ~then.judged.listed).sum()),
        "places_first": int((~build.place_has_site[places]).sum()),
        "saved_person_minutes": int((saved * build.weight).sum()) / MS_PER_MINUTE,
    }


def siting_parts(ground: Ground, outcomes: Sequence[LayerOutcome]) -> pd.DataFrame:
    """Columns of tables.SITING_PARTS: the parts of the country (islands, and counties whose sites
    serve their own people only) that share no site, each against its own best plan; a quick run
    has none."""
    records = []
    for outcome in () if ground.quick else outcomes:
        part = parts_of(ground, outcome.siting.build)
        for number in range(int(part.max()) + 1):
            row = _part(ground, outcome, part == number)
            records.append({"layer": outcome.layer.id, "part": number + 1, **row})
    return pd.DataFrame(records, columns=SITING_PARTS.names)


def parts_of(ground: Ground, build: BuildOut) -> Ints:
    """(townships,) the part of each township, by rising township: two are in one part if people of
    one could use a site in the other, or both a third."""
    townships = len(ground.universe)
    candidate = np.repeat(np.arange(build.candidates), np.diff(build.indptr))
    joined = np.zeros((townships, townships), np.bool_)
    joined[ground.demand.township[build.demand], build.place[candidate]] = True
    _, label = connected_components(sparse.csr_array(joined), directed=False)
    first = np.unique(label, return_index=True)[1]
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    numbered: Ints = rank[label]
    return numbered


def _part(ground: Ground, outcome: LayerOutcome, here: Bools) -> dict[str, Any]:
    inputs, siting, build = ground.inputs, outcome.siting, outcome.siting.build
    county = ground.county
    people = sum_by(ground.demand.township, len(here), ground.demand.population)
    in_county = sum_by(county[here], len(inputs.counties), people[here])
    largest = inputs.counties.iloc[int(in_county.argmax())]
    one = int(here.sum()) == 1
    mine = here[build.place[siting.proposal.openings.site]]
    within = build.open_to & here[ground.demand.township]
    best = _alone(build, here, int(mine.sum()), effort_of(ground))
    return {
        "county_code": largest["county_code"],
        "county_name": largest["county_name"],
        "township_name": str(inputs.townships["township_name"][here].iloc[0]) if one else "",
        "counties": len(np.unique(county[here])),
        "townships": int(here.sum()),
        "people_beyond": int(build.weight[within].sum()),
        "sites": int(mine.sum()),
        "listed_gain": int(siting.listed_gain[mine].sum()),
        "gain": int(siting.gain[mine].sum()),
        "best_listed_gain": best.listed,
        "best_gain": best.gain,
        "listed_bound": best.listed_bound,
        "proof": best.status,
    }


def _alone(build: BuildOut, here: Bools, count: int, effort: Effort) -> Best:
    """The best plan of so many sites in one part of the country."""
    inside = here[build.place]
    mine = np.zeros(len(build.still_needed), np.bool_)
    mine[build.county[inside]] = True
    part = replace(build, still_needed=np.where(mine, build.still_needed, 0))
    rules = rules_of(part, count)
    rules = replace(rules, forbidden=rules.forbidden | ~inside)
    return best_plan(part, goal_of(part), rules, effort)
