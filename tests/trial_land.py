"""A study ready to be asked what holds under any trial, by geoplan's own steps; and how a page is
asked the same, through the file that it opens."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from geoplan.access.aggregate import by_coverage, mean_by, quantile_by
from geoplan.access.equity import gini, mean_per_person
from geoplan.model import Coverage, Demand, Inputs, TravelMatrix
from geoplan.need_step import township_need
from geoplan.pipeline import reached_by
from geoplan.results.listing import Listing, list_townships
from geoplan.results.outcome import Ground, Reached
from geoplan.steps import (
    demand_points,
    is_usable,
    site_list,
    township_settlements,
    universes,
)
from geoplan.tables import STATUSES
from geoplan.travel_step import Travel, open_travel, remembering
from geoplan.trial import LayerChange, Trial, with_trial

MS_PER_MINUTE = 60_000


@dataclass(frozen=True)
class Land:
    """The land of a study."""

    inputs: Inputs
    demand: Demand
    travel: Travel
    universe: np.ndarray
    settlement: np.ndarray
    matrix: TravelMatrix  # to all that any trial can leave standing or open
    needs: dict[str, Any] = field(default_factory=dict)  # of weights that were asked for before

    def holds(self, trial: Trial, layer_id: str) -> tuple[Reached, Listing, Ground]:
        mine = {layer_id: trial.layers.get(layer_id, LayerChange())}
        tried = with_trial(self.inputs, Trial(mine, trial.weights))
        layer = next(each for each in tried.study.layers if each.id == layer_id)
        weights = json.dumps(trial.weights)
        if weights not in self.needs:
            self.needs[weights] = township_need(tried, self.universe)
        ground = Ground(
            inputs=tried,
            demand=self.demand,
            universe=self.universe,
            need=self.needs[weights],
            settlement=self.settlement,
            straight_line=False,
        )
        reached = reached_by(layer, ground, self.travel, self.matrix)
        return reached, list_townships(ground, reached), ground


def land_of(inputs: Inputs) -> Land:
    demand = demand_points(inputs)
    travel = remembering(open_travel(inputs, demand, lambda *_: None))
    townships = len(inputs.townships)
    settlement = township_settlements(demand, travel.xy, townships)
    sites = site_list(inputs, travel, settlement)
    matrix = travel.times(sites.id, sites.xy)
    return Land(inputs, demand, travel, universes(demand, travel, townships), settlement, matrix)


def some_trials(inputs: Inputs, number: int) -> list[tuple[str, Trial]]:
    """A layer to look at and a trial, of every kind of change."""
    drawn = random.Random(20)  # noqa: S311 - a seed, no secret
    sites = inputs.sites[is_usable(inputs.sites)]
    areas = [f"area-{code}" for code in inputs.townships["township_code"]]
    every = [inputs.study.need.profile_of(layer.id) for layer in inputs.study.layers]
    profiles = {profile.id: profile for profile in every}
    trials = []
    for turn in range(number):
        layers = {}
        for layer in inputs.study.layers:
            mine = sites.loc[sites["layer"] == layer.id, "site_id"].tolist()
            beside = sites.loc[sites["layer"].isin(layer.siting.also_at), "site_id"].tolist()
            layers[layer.id] = LayerChange(
                tuple(sorted(drawn.sample(mine, drawn.randint(0, len(mine))))),
                tuple(sorted(drawn.sample([*areas, *beside], drawn.choice([0, 0, 1, 2, 4])))),
                drawn.choice([None, None, 7, 22.5, 45, 61]),
            )
        weights = {
            name: {each: drawn.choice([0.05, 0.4, 1.0, 3.0]) for each in profile.indicators}
            for name, profile in profiles.items()
        }
        trial = Trial(layers, weights if turn % 3 == 0 else {})
        trials.append((inputs.study.layers[turn * len(layers) // number].id, trial))
    return trials


# Opens each text as a file, looks at a service and a township, and reads every figure of the trial.
READ = """
async (asked) => {
  const all = (where) => [...document.querySelectorAll(where)];
  const values = (where) => all(where + ' data').map((each) => each.value);
  const found = [];
  let looked = '';
  for (const { text, layer, place } of asked) {
    document.getElementById('told').textContent = '';
    const carried = new DataTransfer();
    carried.items.add(new File([text], 'a.trial.json'));
    const input = document.getElementById('trial-file');
    input.files = carried.files;
    input.dispatchEvent(new Event('change'));
    while (!document.getElementById('told').textContent) {
      await new Promise((done) => setTimeout(done));
    }
    const told = document.getElementById('told').textContent;
    const look = 'lang=zh&layer=' + layer + (place ? '&place=' + place : '');
    if (look !== looked) {
      looked = location.hash = look;
      dispatchEvent(new Event('hashchange'));
    }
    found.push({
      told,
      rows: all('#list table.rank').flatMap((table) =>
        [...table.querySelectorAll('tbody tr')].map((row) => [
          table.id, row.dataset.place, Number(row.querySelector('data').value)])),
      figures: Object.fromEntries(all('#trial-figures dd').map((each) => [
        each.dataset.figure,
        [...each.querySelectorAll('data')].map((one) => Number(one.value))])),
      status: place && document.querySelector('#profile .lead .status').className.split(' ')[1],
      three: values('#profile .three'),
      villages: all('#villages tbody tr').map((row) => [
        row.querySelector('button').dataset.village,
        ...[...row.cells[3].querySelectorAll('data')].map((each) => each.value)]),
      harm: values('#trial-harm table'),
      even: values('#trial-evenness'),
    });
  }
  return found;
}
"""


def numbers(values: list[str]) -> list[float]:
    return [float(value) for value in values]


@dataclass(frozen=True)
class Wanted:
    """What a page has to show of a layer in a trial, and of a township if one is looked at."""

    figures: dict[str, int]
    rows: list[tuple[str, str, float]]
    order: list[str]  # townships of the firm list
    status: str | None
    three: list[float]
    harm: list[float]
    even: list[float]


def wanted(land: Land, was: Reached, trial: Trial, place: str, layer: str) -> Wanted:
    """The same by geoplan's own steps; `was`: what the run found."""
    now, listing, ground = land.holds(trial, layer)
    codes = land.inputs.townships["township_code"].tolist()
    area = land.demand.township
    split = by_coverage(area, len(codes), now.coverage, now.people)
    rows = [
        (f"rank-{certainty}", code, float(people))
        for at, code in enumerate(codes)
        for certainty, people in _listed_as(listing, split, at)
    ]
    weight = {
        code: int(listing.beyond[at]) * (2 if listing.status[at] == 0 else 1)
        for at, code in enumerate(codes)
        if listing.listed[at] and listing.firm[at]
    }
    three = []
    if place:
        at = codes.index(place)
        people = np.where(now.own_known, now.people, 0)
        mean = mean_by(area, len(codes), now.access.own_ms, people)[at] / MS_PER_MINUTE
        need = ground.need_of(layer).percentile[at] * 100
        three = [float(each) for each in (mean, need) if not np.isnan(each)]
    return Wanted(
        figures={
            "trial_closed": len(trial.layers[layer].close),
            "trial_opened_n": len(trial.layers[layer].open),
            "trial_within": split[Coverage.COVERED].sum(),
            "trial_beyond": (split[Coverage.UNCOVERED] + split[Coverage.UNREACHABLE]).sum(),
            "trial_undetermined": split[Coverage.UNDETERMINED].sum(),
            "trial_listed": listing.listed.sum(),
        },
        rows=sorted(rows),
        order=sorted(weight, key=lambda code: (-weight[code], code)),
        status=STATUSES[listing.status[codes.index(place)]] if place else None,
        three=three,
        harm=_harm(was, now),
        even=_even(land, was, now),
    )


def _harm(was: Reached, now: Reached) -> list[float]:
    """People with longer and with shorter ways, mean and 90th percentile of the minutes, and who
    crosses the threshold."""
    both = (was.access.own_site >= 0) & (now.access.own_site >= 0) & (now.people > 0)
    added = np.where(both, now.access.own_ms - was.access.own_ms, 0)
    found: list[list[float]] = [[], [], []]
    for change in (added, -added):
        people = np.where(change > 0, now.people, 0)
        everybody = np.zeros(len(people), np.int64)
        found[0].append(people.sum())
        if people.sum():
            found[1].append((change * people).sum() / people.sum() / MS_PER_MINUTE)
            p90 = quantile_by(everybody, 1, change, people, 0.9)[0]
            found[2].append(p90 / MS_PER_MINUTE)
    near = [each.coverage == Coverage.COVERED for each in (was, now)]
    crossed = [now.people[near[0] & ~near[1]].sum(), now.people[~near[0] & near[1]].sum()]
    return [*found[0], *found[1], *found[2], *crossed]


def _even(land: Land, was: Reached, now: Reached) -> list[float]:
    """Mean, Gini and people on the main island, before and after."""
    main = land.universe[land.demand.township] == 0
    even = []
    for side in (was, now):
        told = side.own_known & main & (side.people > 0)
        value, people = side.access.own_ms[told] / MS_PER_MINUTE, side.people[told]
        even.append([mean_per_person(value, people), gini(value, people), people.sum()])
    pairs = [float(side[row]) for row in range(3) for side in even]
    return [each for each in pairs if not np.isnan(each)]


def _listed_as(listing: Listing, split: dict[Coverage, Any], at: int) -> list[tuple[str, int]]:
    """In which list a township stands, and with how many people."""
    if listing.listed[at]:
        return [("firm" if listing.firm[at] else "provisional", listing.beyond[at])]
    if STATUSES[listing.status[at]] == "undetermined":
        return [("undetermined", split[Coverage.UNDETERMINED][at])]
    return []
