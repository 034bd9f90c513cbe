"""Supply per person: what is told, the least and the most it can be, and that lacking inputs never
list a township."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoplan.catalog import read_inputs
from geoplan.model import Coverage, Inputs, State, TravelMatrix
from geoplan.pipeline import reached_by
from geoplan.results.equity import equity
from geoplan.results.listing import Listing, list_townships
from geoplan.results.outcome import Ground, LayerOutcome, Reached
from geoplan.results.rule_values import people_per_capacity
from geoplan.results.supply import supply
from geoplan.rules import Rule
from geoplan.steps import site_list
from geoplan.study import read_study
from geoplan.tables import UNIVERSES
from geoplan.travel_step import Travel, open_travel
from tests.found import Found, found_for

CENTRES, PANTRIES = "toy_centres", "toy_pantries"
PEOPLE = {"01": 34140, "02": 13580}


@cache
def toy() -> Found:
    """The toy country where a second centre serves one township more, each with a capacity."""
    inputs = read_inputs(read_study("toy"))
    shared = inputs.service_areas.iloc[[0]].assign(site_id="TC02", township_code="0101")
    sites = inputs.sites.assign(capacity=np.arange(len(inputs.sites)) + 1.0)
    areas = pd.concat([inputs.service_areas, shared], ignore_index=True)
    return found_for(replace(inputs, sites=sites, service_areas=areas))


@cache
def travel() -> tuple[Travel, TravelMatrix]:
    ground = toy().ground
    found = open_travel(ground.inputs, ground.demand, lambda what, done, of: None)
    sites = site_list(ground.inputs, found, ground.settlement)
    return found, found.times(sites.id, sites.xy)


def with_layer(outcome: LayerOutcome, **values: Any) -> LayerOutcome:
    return replace(outcome, layer=outcome.layer.model_copy(update=values))


def with_standing(outcome: LayerOutcome, **values: Any) -> LayerOutcome:
    return replace(outcome, standing=replace(outcome.standing, **values))


def in_county(found: Found, code: str) -> Any:
    return (found.ground.inputs.townships["county_code"] == code).to_numpy()


@pytest.fixture()
def by_county() -> LayerOutcome:
    """Centres of the county: three and two, all known."""
    return with_standing(
        with_layer(toy().outcomes[0], eligibility=("county",)),
        named=np.array([3, 2]),
        unnamed=np.array([0, 0]),
        unnamed_known=np.array([True, True]),
    )


@pytest.mark.parametrize(
    ("basis", "expected"), [("residents_per_site", 13580 / 2), ("sites_per_1000", 2000 / 13580)]
)
def test_what_is_known_is_told_exactly(
    by_county: LayerOutcome, basis: str, expected: float
) -> None:
    found = supply(toy().ground, with_layer(by_county, per_person=basis))
    here = in_county(toy(), "02")
    for each in (found.told, found.least, found.most):
        assert each[here].tolist() == pytest.approx([expected] * here.sum())
    assert (found.state == State.MEASURED).all() and not found.more_sites.any()


@pytest.mark.parametrize(
    ("basis", "told", "least", "most"),
    [
        ("residents_per_site", 13580 / 2, 0.0, 13580 / 2),
        ("sites_per_1000", 2000 / 13580, 2000 / 13580, np.inf),
    ],
)
def test_a_list_that_may_lack_sites_gives_one_end(
    by_county: LayerOutcome, basis: str, told: float, least: float, most: float
) -> None:
    lacking = with_standing(by_county, unnamed_known=np.array([True, False]))
    found = supply(toy().ground, with_layer(lacking, per_person=basis))
    here = in_county(toy(), "02")
    assert found.told[here].tolist() == pytest.approx([told] * here.sum())
    assert found.least[here].tolist() == pytest.approx([least] * here.sum())
    assert found.most[here].tolist() == pytest.approx([most] * here.sum())
    assert found.more_sites.tolist() == here.tolist()


@pytest.mark.parametrize("basis", ["residents_per_site", "sites_per_1000"])
def test_nothing_named_is_not_none_unless_the_list_says_so(
    by_county: LayerOutcome, basis: str
) -> None:
    none = with_layer(with_standing(by_county, named=np.array([3, 0])), per_person=basis)
    here = in_county(toy(), "02")
    surely = supply(toy().ground, none)
    worst = 0.0 if basis == "sites_per_1000" else np.inf
    assert set(surely.least[here]) == set(surely.most[here]) == {worst}
    lacking = with_standing(none, unnamed_known=np.array([True, False]))
    unknown = supply(toy().ground, lacking)
    assert np.isnan(unknown.told[here]).all()
    assert (unknown.state[here] == State.UNKNOWN).all()
    assert np.isneginf(unknown.least[here]).all() and np.isposinf(unknown.most[here]).all()


def test_a_site_of_unknown_county_may_stand_in_each(by_county: LayerOutcome) -> None:
    found = supply(
        toy().ground,
        with_layer(with_standing(by_county, elsewhere=1), per_person="sites_per_1000"),
    )
    assert found.most == pytest.approx(found.least * np.where(in_county(toy(), "02"), 3 / 2, 4 / 3))
    assert found.more_sites.all()


def test_people_per_capacity_is_not_known_where_more_may_stand(by_county: LayerOutcome) -> None:
    lacking = with_standing(by_county, unnamed_known=np.array([True, False]))
    known, partly = (people_per_capacity(toy().ground, each) for each in (by_county, lacking))
    here = in_county(toy(), "02")
    assert np.isfinite(known.least).all() and (known.least == known.most).all()
    assert np.isneginf(partly.least[here]).all() and np.isposinf(partly.most[here]).all()
    assert (partly.least[~here] == known.least[~here]).all()


def test_a_load_whose_split_is_not_known_lies_between_its_ends() -> None:
    """TC01 and TC02 share 0101 (6,700); TC02 alone serves 0102 and 0103 (18,440)."""
    inputs = toy().ground.inputs
    sites = inputs.sites
    lost = sites["point_use"].mask(sites["site_id"] == "TC01", "none")
    ground, reached = reached_for(replace(inputs, sites=sites.assign(point_use=lost)), CENTRES)
    found = supply(ground, reached)
    at = pd.Index(inputs.townships["township_code"]).get_indexer(["0101", "0102"])
    assert found.least[at].tolist() == [(6700 + 18440) / 2, 18440]
    assert found.most[at].tolist() == [(6700 + 18440) / 2, 6700 + 18440]


def test_reach_is_told_of_those_who_are_known() -> None:
    """The mean leaves out who is undetermined; at least, they have none."""
    pantries = toy().outcomes[1]
    area, people = toy().ground.demand.township, pantries.people
    within = pantries.access.sites_within
    found = supply(toy().ground, pantries)
    unsure = pantries.coverage == Coverage.UNDETERMINED
    seen = set()
    for township in np.unique(area):
        here, known = area == township, (area == township) & ~unsure
        whole = people[here].sum()
        mean = (within * people)[here].sum() / whole
        assert found.least[township] in (-np.inf, pytest.approx(mean))
        if 2 * people[known].sum() < whole:
            assert np.isnan(found.told[township])
            assert found.state[township] == State.UNKNOWN
        else:
            told = (within * people)[known].sum() / people[known].sum()
            assert found.told[township] == pytest.approx(told)
        if unsure[here & (people > 0)].any():
            assert found.most[township] == np.inf
        seen.add(State(found.state[township]))
    assert seen == {State.MEASURED, State.UNKNOWN}


def test_equity_counts_each_state_apart(by_county: LayerOutcome) -> None:
    lacking = with_standing(
        by_county, named=np.array([3, 0]), unnamed_known=np.array([True, False])
    )
    pantries, rows = toy().outcomes[1], toy().rows
    table = equity(toy().ground, [lacking, pantries], rows)
    table = table[(table["figure"] == "mean") & (table["scope"] == "all")]
    counted = table.groupby(["layer", "quantity"])[
        ["people", "people_unknown", "people_unreachable", "people_not_applicable"]
    ].sum()
    supplied = counted.loc[(CENTRES, "residents_per_site")]
    assert supplied.tolist() == [PEOPLE["01"], PEOPLE["02"], 0, 0]
    reach = counted.loc[(PANTRIES, "sites_within_reach")]
    for column, state in (
        ("people_unknown", Coverage.UNDETERMINED),
        ("people_unreachable", Coverage.UNREACHABLE),
    ):
        assert reach[column] == pantries.people[pantries.coverage == state].sum()


# ---------------------------------------------------------------------------------------------
# A law: knowing less never lists

LAYERS = (
    (CENTRES, {}),
    (CENTRES, {"eligibility": ("county",)}),
    (CENTRES, {"eligibility": ("county",), "per_person": "sites_per_1000"}),
    (CENTRES, {"eligibility": ("county",), "per_person": "sites_within_reach"}),
    (PANTRIES, {}),
    (PANTRIES, {"per_person": "sites_per_1000"}),
)
TOWNSHIPS_LISTED_BY = {
    "residents_per_site": ("residents_per_site >", "people", (1, 7000, 13000, 20000)),
    "sites_per_1000": ("sites_per_1000 <", "sites", (0.1, 0.2, 1, 5, 20)),
    "sites_within_reach": ("sites_within_reach <", "sites", (0.2, 0.9, 1.1, 1.5, 3)),
}


def rules_for(layer: str, basis: str, threshold: float, per_capacity: float) -> tuple[Rule, ...]:
    sentence, unit, _ = TOWNSHIPS_LISTED_BY[basis]
    values = {
        "bound": (threshold, unit),
        "per_capacity": (per_capacity, "people_per_capacity"),
    }
    return tuple(
        Rule.model_validate(
            {
                "id": f"{layer}.{universe}",
                "version": "1",
                "layer": layer,
                "universe": universe,
                "beyond": "own_minutes > minutes",
                "parameter": [
                    {"id": "minutes", "value": 30.0, "unit": "minutes", "source": "test"},
                    *(
                        {"id": name, "value": float(value), "unit": each, "source": "test"}
                        for name, (value, each) in values.items()
                    ),
                ],
                "test": [
                    {"id": "supply", "any_of": [f"{sentence} bound"]},
                    {"id": "capacity", "any_of": ["people_per_capacity > per_capacity"]},
                ],
                "status": {
                    "severe": ["supply and capacity"],
                    "underserved": ["supply", "capacity"],
                    "watch": ["capacity"],
                },
            }
        )
        for universe in UNIVERSES
    )


def reached_for(inputs: Inputs, name: str) -> tuple[Ground, Reached]:
    """One layer of the toy country with other inputs, as the pipeline reaches it."""
    ground = replace(toy().ground, inputs=inputs)
    layer = next(each for each in inputs.study.layers if each.id == name)
    return ground, reached_by(layer, ground, *travel())


def listing_for(inputs: Inputs, name: str) -> Listing:
    return list_townships(*reached_for(inputs, name))


def blanked(inputs: Inputs, blanks: frozenset[tuple[str, str]]) -> Inputs:
    """The inputs without what `blanks` names: (what, of which site or county)."""
    sites, lists = inputs.sites.copy(), inputs.completeness.copy()
    for what, which in sorted(blanks):
        site, county = sites["site_id"] == which, lists["county_code"] == which
        if what == "list":
            lists.loc[county, "completeness"] = "unknown"
            lists.loc[county, "reported_existing"] = np.nan
        elif what == "capacity":
            sites.loc[site, "capacity"] = np.nan
        else:
            sites.loc[site, "point_use"] = "none"
            if what != "point":
                sites.loc[site, ["township_code", "township_name"]] = ""
            if what == "county":
                sites.loc[site, ["county_code", "county_name"]] = ""
    return replace(inputs, sites=sites, completeness=lists)


def known_inputs() -> Inputs:
    """The toy country where every list is complete and every site has a point."""
    inputs = toy().ground.inputs
    return replace(
        inputs,
        sites=inputs.sites[inputs.sites["point_use"] == "distance"].reset_index(drop=True),
        completeness=inputs.completeness.assign(completeness="complete", reported_existing=np.nan),
    )


SITES = ("TC01", "TC02", "TC03", "TC04", "TP01", "TP02", "TP03", "TP04", "TP05")
BLANKS = st.frozensets(
    st.tuples(st.just("list"), st.sampled_from(["", "01", "02"]))
    | st.tuples(
        st.sampled_from(["point", "township", "county", "capacity"]), st.sampled_from(SITES)
    ),
    max_size=3,
)


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_a_supply_input_that_is_lacking_never_lists(data: st.DataObject) -> None:
    name, values = data.draw(st.sampled_from(LAYERS))
    inputs = known_inputs() if data.draw(st.booleans()) else toy().ground.inputs
    layers = [
        each.model_copy(update=values) if each.id == name else each for each in inputs.study.layers
    ]
    basis = next(each.per_person for each in layers if each.id == name)
    threshold = data.draw(st.sampled_from(TOWNSHIPS_LISTED_BY[basis][2]))
    rules = rules_for(name, basis, threshold, data.draw(st.sampled_from([100, 3000, 1e6])))
    study = inputs.study.model_copy(update={"layers": tuple(layers), "rules": rules})
    first = data.draw(BLANKS)
    more = listing_for(blanked(replace(inputs, study=study), first), name)
    fewer = listing_for(blanked(replace(inputs, study=study), first | data.draw(BLANKS)), name)
    assert not (fewer.listed & ~more.listed).any()
    for measure in set(more.values) & set(fewer.values) & {basis, "people_per_capacity"}:
        known, less = more.values[measure], fewer.values[measure]
        assert (less.least <= known.least).all(), measure
        assert (less.most >= known.most).all(), measure


def test_the_law_sees_townships_listed() -> None:
    """Else it would say nothing: with what the toy country knows, supply lists townships."""
    inputs = known_inputs()
    for (name, values), (basis, threshold) in (
        (LAYERS[0], ("residents_per_site", 7000)),
        (LAYERS[4], ("sites_within_reach", 1.1)),
        (LAYERS[5], ("sites_per_1000", 5)),
    ):
        layers = tuple(
            each.model_copy(update=values) if each.id == name else each
            for each in inputs.study.layers
        )
        rules = rules_for(name, basis, threshold, 1e9)
        study = inputs.study.model_copy(update={"layers": layers, "rules": rules})
        assert listing_for(replace(inputs, study=study), name).listed.any()
