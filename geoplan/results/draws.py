"""One layer drawn anew many times: how often a township is listed, and how far its figures move.

What is drawn, and how, stands in `geoplan.uncertainty`; the rule that judges each draw is the one
of the list. Thresholds are policy and are not drawn. People who are undetermined or cut off stay
so in every draw.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from geoplan.access.aggregate import sum_by
from geoplan.designation import Between, Counted, judge_each
from geoplan.model import Bools, Coverage, Floats, Ints, Note, State
from geoplan.results.listing import Listing
from geoplan.results.outcome import Ground, LayerOutcome
from geoplan.study import Study
from geoplan.tables import SEVERITY, STATUSES
from geoplan.travel.network import MS_PER_MINUTE
from geoplan.uncertainty.need import need_percentiles
from geoplan.uncertainty.own_times import OwnTimes, near_sites
from geoplan.uncertainty.spread import (
    Spread,
    TravelSpread,
    population_factors,
    position_ms,
    scaled,
    travel_factors,
    weight_draws,
)
from geoplan.uncertainty.summary import (
    TOUCHES_FROM,
    Interval,
    interval,
    listed_ranks,
)
from geoplan.uncertainty.townships import (
    ENDLESS_MS,
    Everybody,
    Measured,
    draw_p90_ms,
    draw_townships,
)
from geoplan.uncertainty_spec import MinutesSpread

UNDETERMINED = STATUSES.index("undetermined")
INTERVALS = ("rank", "beyond_share", "beyond_people", "own_minutes_mean", "need_percentile")
P90 = "own_minutes_p90"
COUNTS = tuple(field.name for field in fields(Counted))


@dataclass(frozen=True, slots=True)
class DrawnTimes:
    """Own times drawn of those `points` (k,) of the demand points whose own time is told and where
    somebody of the target group lives; `factors` (draws, townships) multiply people."""

    points: Ints
    times: OwnTimes
    factors: Ints


@dataclass(frozen=True, slots=True)
class LayerDraws:
    """What is told of a layer's draws, (townships,) each; intervals from the 5th to the 95th
    percentile. `touches`: not listed, but in at least TOUCHES_FROM of the runs it is."""

    share_listed: Floats
    share_undetermined: Floats
    rank: Interval
    beyond_share: Interval
    beyond_people: Interval
    own_minutes_mean: Interval
    need_percentile: Interval
    touches: Bools
    drawn: DrawnTimes


def spread_of(study: Study) -> Spread | None:
    """What the study says varies, None if it says nothing; minutes only by a spread that was
    stated for the way trips are timed in this run."""
    said = study.uncertainty
    if said is None:
        return None
    minutes, place = said.minutes_of(study.minutes_from.code), said.position
    ms_per_metre = 3600 / place.speed_kph if place else 0
    return Spread(
        draws=said.draws,
        seed=said.seed,
        population_share=said.population.share if said.population else 0,
        concentration=said.weights.concentration if said.weights else None,
        rooftop_ms=round(place.rooftop_metres * ms_per_metre) if place else 0,
        street_ms=round(place.street_metres * ms_per_metre) if place else 0,
        travel=_travel_spread(minutes) if minutes else None,
    )


def _travel_spread(said: MinutesSpread) -> TravelSpread:
    return TravelSpread(said.common_deviation, said.surveyed_deviation, said.modelled_deviation)


def draw_notes(study: Study) -> list[Note]:
    """What a planner must know of the draws: how many there were, or why there were none."""
    said = study.uncertainty
    if said is None:
        return [Note("draws_none", {})]
    notes = [Note("draws", {"draws": said.draws, "seed": said.seed})]
    if said.minutes_of(study.minutes_from.code) is None:
        notes.append(Note("draws_without_minutes", {}))
    return notes


def draw_layer(
    ground: Ground, outcome: LayerOutcome, listing: Listing, spread: Spread
) -> LayerDraws:
    """Draw one layer `spread.draws` times and judge every draw by the layer's rules."""
    drawn = _drawn_times(ground, outcome, spread)
    measured = _measured(ground, outcome, drawn.points)
    counted, mean_ms = _count(outcome, listing, drawn, measured)
    people = _multiplied(counted, drawn.factors)
    need = ground.need_of(outcome.layer.id)
    weights = weight_draws(spread, need.weights.share)
    percentile = need_percentiles(need.score, weights, ground.universe)
    anew = {**_measures(counted, people), "need_percentile": Between.exactly(percentile)}
    if P90 in listing.values:
        anew[P90] = _p90(ground, outcome, listing, drawn)
    values = {
        name: anew.get(name, _each_draw(value, spread.draws))
        for name, value in listing.values.items()
    }
    judged = judge_each(listing.rules, listing.which, values)
    share_listed = judged.listed.mean(axis=0)
    open_to_doubt = ~listing.listed & (listing.status != UNDETERMINED)
    beyond = replace(listing, counted=people).beyond
    severity = np.array([SEVERITY.get(status, 1) for status in STATUSES])[judged.status]
    return LayerDraws(
        share_listed=share_listed,
        share_undetermined=(judged.status == UNDETERMINED).mean(axis=0),
        rank=listed_ranks(beyond * severity, judged.listed, listing.firm),
        beyond_share=interval(_share(replace(listing, counted=counted).beyond, listing.target)),
        beyond_people=interval(beyond),
        own_minutes_mean=interval(mean_ms / MS_PER_MINUTE),
        need_percentile=interval(percentile * 100),
        touches=open_to_doubt & (share_listed >= TOUCHES_FROM),
        drawn=drawn,
    )


def columns_of_draws(draws: LayerDraws | None, known: Bools) -> dict[str, Any]:
    """The columns of tables.ROWS that draws give (townships,); empty without draws.

    Where the rule's answer is not `known` nothing is told of runs in which a township is listed or
    of people beyond: what draws leave as it is would look like a finding.
    """
    nothing = np.full(len(known), np.nan)
    if draws is None:
        shares = dict.fromkeys(("share_listed", "share_undetermined"), nothing)
        ends = [f"{name}_{end}" for name in INTERVALS for end in ("low", "high")]
        return shares | dict.fromkeys(ends, nothing)
    columns: dict[str, Any] = {
        "share_listed": draws.share_listed,
        "share_undetermined": draws.share_undetermined,
    }
    for name in INTERVALS:
        both: Interval = getattr(draws, name)
        columns |= {f"{name}_low": both.low, f"{name}_high": both.high}
    of_the_answer = ("share_listed", "rank", "beyond")
    return {
        name: np.where(known, value, np.nan) if name.startswith(of_the_answer) else value
        for name, value in columns.items()
    }


def _drawn_times(ground: Ground, outcome: LayerOutcome, spread: Spread) -> DrawnTimes:
    near = near_sites(outcome.reach.matrix, outcome.reach.eligibility.measured)
    told = outcome.own_known & (outcome.people > 0)
    precision = outcome.sites.loc[outcome.sites["usable"], "point_precision"]
    rooftop = (precision == "rooftop").to_numpy(bool)
    codes = ground.inputs.townships["township_code"].tolist()
    return DrawnTimes(
        points=np.flatnonzero(told),
        times=OwnTimes(
            near=near.of(told),
            factors=travel_factors(spread),
            position_ms=position_ms(spread, outcome.layer.id, outcome.usable_id.tolist(), rooftop),
        ),
        factors=population_factors(spread, codes),
    )


def _measured(ground: Ground, outcome: LayerOutcome, points: Ints) -> Measured:
    possible_ms = outcome.access.possible_ms[points]
    return Measured(
        township=ground.demand.township[points],
        townships=len(ground.universe),
        people=outcome.people[points],
        may_be_within=(possible_ms >= 0) & (possible_ms <= outcome.threshold_ms),
        threshold_ms=outcome.threshold_ms,
    )


def _count(
    outcome: LayerOutcome, listing: Listing, drawn: DrawnTimes, of: Measured
) -> tuple[Counted, Floats]:
    """People of every township in every draw (draws, townships), and the mean own time in ms.

    Those whose time is drawn are counted anew, all others as in the list.
    """
    base, shape = listing.counted, (drawn.times.draws, of.townships)
    every = {name: np.broadcast_to(getattr(base, name), shape) for name in COUNTS}
    if not len(of.people):
        return Counted(**every), np.full(shape, np.nan)
    found = draw_townships(drawn.times, of)
    far = outcome.coverage[drawn.points] == Coverage.UNCOVERED
    replaced = sum_by(of.township, of.townships, np.where(far, of.people, 0))
    every["beyond"] = base.beyond - replaced + found.beyond
    every["perhaps_beyond"] = base.perhaps_beyond + found.undetermined
    return Counted(**every), found.mean_ms


def _p90(ground: Ground, outcome: LayerOutcome, listing: Listing, drawn: DrawnTimes) -> Between:
    """The time nine people in ten do not exceed, as `rule_values` has it without draws."""
    lived = outcome.people > 0
    access = outcome.access
    measured = np.where(access.own_state == State.MEASURED, access.own_ms, ENDLESS_MS)
    possible = np.where(access.possible_ms >= 0, access.possible_ms, ENDLESS_MS)
    everybody = Everybody(
        township=ground.demand.township[lived],
        townships=len(ground.universe),
        people=outcome.people[lived],
        ms=measured[lived],
        possible_ms=possible[lived],
        drawn=np.searchsorted(np.flatnonzero(lived), drawn.points),
    )
    least, most = draw_p90_ms(drawn.times, everybody)
    lived_in = (listing.target > 0).astype(np.int64)
    return Between(least, most, whole=np.broadcast_to(lived_in, least.shape))


def _each_draw(value: Between, draws: int) -> Between:
    """The same in every draw."""

    def repeated(ends: Any) -> Any:
        return None if ends is None else np.broadcast_to(ends, (draws, *ends.shape))

    return Between(repeated(value.least), repeated(value.most), repeated(value.whole))


def _multiplied(counted: Counted, factors: Ints) -> Counted:
    """People by each draw's factor of their township."""
    return Counted(*(scaled(getattr(counted, name), factors) for name in COUNTS))


def _measures(counted: Counted, people: Counted) -> dict[str, Between]:
    """People as drawn, shares as counted: the people of a township move together, so that no
    share of them changes, and whole people would round it."""
    shares, numbers = counted.measures(), people.measures()
    return {name: numbers[name] if shares[name].whole is None else shares[name] for name in shares}


def _share(part: Ints, whole: Ints) -> Floats:
    share: Floats = np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)
    return share
