"""Each proposed site: who gains by it, what is lost without it, how often it is chosen; and the
areas that would turn to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from geoplan.access.aggregate import sum_by
from geoplan.model import Coverage, Ints, Strings
from geoplan.results.outcome import Ground, LayerOutcome
from geoplan.results.relist import with_states
from geoplan.results.siting_tables import Judged
from geoplan.siting.openings import Tally
from geoplan.siting.otherwise import Frequency, in_words
from geoplan.siting.stability import losses
from geoplan.tables import SITING_GAINS, SITING_MOVES, SITING_SITES
from geoplan.travel.network import MS_PER_MINUTE

NAMED = 3
"""Townships named in a cell."""


def siting_sites(
    ground: Ground,
    outcomes: Sequence[LayerOutcome],
    gains: pd.DataFrame,
    chosen: Mapping[str, Frequency],
) -> pd.DataFrame:
    """Columns of tables.SITING_SITES; `gains` are those of SITING_GAINS, `chosen` the perturbed
    runs by layer (none: how often is left blank)."""
    townships = ground.inputs.townships
    names = dict(zip(townships["township_code"], townships["township_name"], strict=True))
    frames = []
    for outcome in outcomes:
        siting, opened = outcome.siting, outcome.siting.proposal.openings
        if not len(opened.site):
            continue
        place = townships.iloc[siting.candidate_township].reset_index(drop=True)
        lost = losses(siting.build, siting.proposal)
        frame = pd.DataFrame(
            {
                "layer": siting.layer,
                "site_id": outcome.proposal_ids,
                "order": np.arange(len(opened.site)) + 1,
                "year": [str(siting.years[at]) if siting.years else "" for at in opened.year],
                "county_name": place["county_name"],
                "township_name": place["township_name"],
                "township_code": place["township_code"],
                "listed_gain": siting.listed_gain,
                "gain": siting.gain,
                "listed_loss": lost[:, 0],
                "loss": lost[:, 1],
            }
        )
        mine = gains[gains["layer"] == siting.layer].groupby("site_id", sort=False)
        told = {
            str(site): "、".join(names[code] for code in part["township_code"].head(NAMED))
            for site, part in mine
        }
        frame["gained_in"] = [told.get(site, "") for site in frame["site_id"]]
        frames.append(frame.assign(**_often(chosen.get(siting.layer), opened.site)))
    none = pd.DataFrame(columns=SITING_SITES.names)
    return pd.concat(frames, ignore_index=True)[SITING_SITES.names] if frames else none


def _often(chosen: Frequency | None, sites: Ints) -> dict[str, Any]:
    if chosen is None or not chosen.runs:
        nothing = pd.array([None] * len(sites), dtype="Float64")
        return {"selected_share": nothing, "selected": "", "runs": nothing.astype("Int64")}
    share = chosen.times[sites] / chosen.runs
    return {
        "selected_share": share,
        "selected": [in_words(float(each)) for each in share],
        "runs": chosen.runs,
    }


def siting_gains(ground: Ground, found: Sequence[Judged]) -> pd.DataFrame:
    """Columns of tables.SITING_GAINS: whom each site brings within, opened in its turn, the
    township with most people first."""
    codes = ground.inputs.townships["township_code"].to_numpy(object)
    records = []
    for outcome, listing in found:
        build, siting = outcome.siting.build, outcome.siting
        after = with_states(ground, outcome, listing, siting.after_state)
        lifted = listing.listed & ~after.judged.listed
        tally = Tally(build)
        for name, site in zip(outcome.proposal_ids, siting.proposal.openings.site, strict=True):
            beyond = tally.now > tally.threshold
            tally.add(int(site))
            newly = np.where(beyond & (tally.now <= tally.threshold), tally.weight, 0)
            people = sum_by(ground.demand.township, len(codes), newly)
            order = np.argsort(-people, kind="stable")
            records += [
                {
                    "layer": siting.layer,
                    "site_id": name,
                    "township_code": codes[at],
                    "listed": bool(listing.listed[at]),
                    "gain": int(people[at]),
                    "lifted": bool(lifted[at]),
                }
                for at in order[people[order] > 0]
            ]
    return pd.DataFrame(records, columns=SITING_GAINS.names)


def siting_moves(ground: Ground, outcomes: Sequence[LayerOutcome]) -> pd.DataFrame:
    """Columns of tables.SITING_MOVES: where a service is assigned, who would turn to a new site
    because it is nearer than the own one, by township and own site today."""
    frames = [
        _moves(ground, outcome)
        for outcome in outcomes
        if "anyone" not in outcome.layer.eligibility and len(outcome.siting.candidate_id)
    ]
    none = pd.DataFrame(columns=SITING_MOVES.names)
    return pd.concat(frames, ignore_index=True)[SITING_MOVES.names] if frames else none


def _moves(ground: Ground, outcome: LayerOutcome) -> pd.DataFrame:
    siting, access, demand = outcome.siting, outcome.access, ground.demand
    nearest, ms = _nearest_new(outcome)
    known = outcome.own_known
    turned = (nearest >= 0) & (outcome.people > 0)
    turned &= np.where(known, ms < access.own_ms, outcome.coverage == Coverage.UNREACHABLE)
    own: Strings = np.array(
        [outcome.usable_id[at] if at >= 0 else "" for at in np.where(known, access.own_site, -1)],
        object,
    )
    codes = ground.inputs.townships["township_code"].to_numpy(object)
    ids = np.array(outcome.proposal_ids, object)
    people = outcome.people[turned]
    frame = pd.DataFrame(
        {
            "site_id": ids[nearest[turned]],
            "township_code": codes[demand.township[turned]],
            "from_site_id": own[turned],
            "target_people": people,
            "before": np.where(known, access.own_ms, 0)[turned] * people,
            "after": ms[turned] * people,
        }
    )
    sums = frame.groupby(["site_id", "township_code", "from_site_id"], sort=True).sum()
    sums = sums.reset_index()
    whole = sums["target_people"] * MS_PER_MINUTE
    timed = sums["from_site_id"] != ""
    sums["minutes_before"] = np.where(timed, sums["before"] / whole, np.nan)
    sums["minutes_after"] = sums["after"] / whole
    return sums.assign(layer=siting.layer)


def _nearest_new(outcome: LayerOutcome) -> tuple[Ints, Ints]:
    """The nearest proposed site of every demand point (its place in the order, -1: none), and the
    time to it."""
    build, opened = outcome.siting.build, outcome.siting.proposal.openings
    far = np.iinfo(np.int64).max
    ms = np.full(len(build.weight), far)
    nearest = np.full(len(build.weight), -1, np.int64)
    for turn, site in enumerate(opened.site):
        pairs = slice(build.indptr[site], build.indptr[site + 1])
        demand, times = build.demand[pairs], build.ms[pairs]
        closer = times < ms[demand]
        nearest[demand[closer]] = turn
        ms[demand[closer]] = times[closer]
    return nearest, ms
