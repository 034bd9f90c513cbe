"""Loads, places without a site, own against nearest, and the tables of equity and hot spots."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from geoplan.access.equity import concentration_index, fgt, gini
from geoplan.catalog import read_inputs
from geoplan.model import Inputs, State
from geoplan.results.equity import equity
from geoplan.results.hotspots import hotspot_table, neighbour_pairs
from geoplan.results.loads import load_totals, loads
from geoplan.results.own_nearest import own_nearest
from geoplan.results.places_without import places_without
from geoplan.results.supply import site_residents
from geoplan.study import read_study
from geoplan.tables import (
    EQUITY,
    HOTSPOTS,
    LOAD_TOTALS,
    LOADS,
    OWN_NEAREST,
    PLACES_WITHOUT,
    checked,
)
from geoplan.texts import catalogue
from tests.found import Found, found_for

CENTRES, PANTRIES = "toy_centres", "toy_pantries"
# The people of the townships that each centre of the toy country serves.
RESIDENTS = {"TC01": 6700, "TC02": 18440, "TC03": 9000, "TC04": 12220}


@pytest.fixture(scope="module")
def toy_inputs() -> Inputs:
    return read_inputs(read_study("toy"))


@pytest.fixture(scope="module")
def toy(toy_inputs: Inputs) -> Found:
    return found_for(toy_inputs)


def with_area(inputs: Inputs, site: str, township: str) -> Found:
    """The toy country where this centre serves one township more."""
    more = inputs.service_areas.iloc[[0]].assign(site_id=site, township_code=township)
    return found_for(replace(inputs, service_areas=pd.concat([inputs.service_areas, more])))


def loads_of(found: Found) -> pd.DataFrame:
    table = checked(loads(found.ground, found.outcomes, found.rows), LOADS)
    return table.set_index("area_id")


def test_every_code_has_a_word_and_a_code_has_no_word_too_many() -> None:
    tables = (LOADS, LOAD_TOTALS, PLACES_WITHOUT, OWN_NEAREST, EQUITY, HOTSPOTS)
    worded_elsewhere = {"certainty", "universe"}
    codes = {
        f"spread.{column.name}.{choice}"
        for table in tables
        for column in table.columns
        for choice in column.choices
        if column.name not in worded_elsewhere
    }
    assert codes == {key for key in catalogue() if key.startswith("spread.")}


class TestLoads:
    def test_each_centre_has_the_people_of_its_townships(self, toy: Found) -> None:
        table = loads_of(toy)
        assert table["residents"].to_dict() == RESIDENTS
        assert table["residents"].to_dict() == site_residents(toy.ground, toy.outcomes[0])
        assert (table["target_people"] == table["residents"]).all()  # the group is everybody
        assert table["townships"].to_dict() == {"TC01": 1, "TC02": 2, "TC03": 1, "TC04": 3}
        assert (table["layer"] == CENTRES).all()  # pantries are chosen: nobody is assigned

    def test_rank_and_mean_are_those_of_one_certainty(self, toy: Found) -> None:
        table = loads_of(toy)
        assert table["certainty"].to_dict()["TC04"] == "provisional"
        assert table["rank"].to_dict() == {"TC02": 1, "TC03": 2, "TC01": 3, "TC04": 1}
        assert list(table.index) == ["TC02", "TC03", "TC01", "TC04"]
        mean = (6700 + 18440 + 9000) / 3
        assert table.loc["TC02", "times_mean"] == pytest.approx(18440 / mean)
        assert table.loc["TC04", "times_mean"] == 1

    def test_need_is_the_mean_over_the_residents(self, toy: Found) -> None:
        need = toy.rows[toy.rows["layer"] == CENTRES].set_index("township_code")
        need = need.loc[["0102", "0103"]]
        people = need["population"]
        expected = (need["need_percentile"] * people).sum() / people.sum()
        assert loads_of(toy).loc["TC02", "need_percentile_mean"] == pytest.approx(expected)

    def test_people_of_a_shared_township_go_to_the_nearest(self, toy_inputs: Inputs) -> None:
        table = loads_of(with_area(toy_inputs, "TC02", "0101"))
        assert table.loc[["TC01", "TC02"], "residents"].sum() == 6700 + 18440
        assert (table["split"] == "known").all()

    def test_a_split_that_is_not_known_is_not_guessed(self, toy_inputs: Inputs) -> None:
        """TC03 has no usable point: who of a township it shares goes there cannot be said."""
        found = with_area(toy_inputs, "TC03", "0101")
        table = loads_of(found)
        shared = table.loc[["TC01", "TC03"]]
        assert (shared["split"] == "shared").all()
        assert shared[["residents", "target_people", "rank", "times_mean"]].isna().all(axis=None)
        assert shared["residents_per_site"].tolist() == [(6700 + 9000) / 2] * 2
        totals = totals_of(found).loc[(CENTRES, "firm")]
        assert (totals["areas"], totals["areas_shared"]) == (1, 2)

    def test_by_county_where_people_are_assigned_by_county(self, toy: Found) -> None:
        centres = toy.outcomes[0]
        layer = centres.layer.model_copy(update={"eligibility": ("county",)})
        found = replace(toy, outcomes=[replace(centres, layer=layer)])
        table = loads_of(found)
        assert (table["assigned_by"] == "county").all()
        assert table["residents"].to_dict() == {"01": 34140, "02": 13580}
        assert table["sites"].to_dict() == {"01": 3, "02": 2}  # one is reported and not named
        assert table.loc["02", "residents_per_site"] == 13580 / 2

    def test_capacity_counts_where_it_is_real(self, toy: Found) -> None:
        def with_capacity(*capacity: float) -> Found:
            centres = toy.outcomes[0]
            sites = centres.sites.assign(capacity=list(capacity))
            return replace(toy, outcomes=[replace(centres, sites=sites)])

        known = with_capacity(2, 4, 3, 1)
        assert loads_of(known)["residents_per_capacity"].to_dict() == {
            "TC01": 3350,
            "TC02": 4610,
            "TC03": 3000,
            "TC04": 12220,
        }
        totals = totals_of(known).loc[(CENTRES, "firm")]
        assert totals["capacity_ratio"] == pytest.approx(4610 / 3000)
        gap = totals_of(with_capacity(2, np.nan, 3, 1)).loc[(CENTRES, "firm")]
        assert np.isnan(gap["capacity_ratio"])
        assert gap["ratio"] == pytest.approx(18440 / 6700)


def totals_of(found: Found) -> pd.DataFrame:
    table = loads(found.ground, found.outcomes, found.rows)
    without = checked(places_without(found.ground, found.outcomes), PLACES_WITHOUT)
    totals = checked(load_totals(table, without, found.outcomes), LOAD_TOTALS)
    return totals.set_index(["layer", "scope"])


class TestLoadTotals:
    def test_largest_smallest_and_their_ratio(self, toy: Found) -> None:
        totals = totals_of(toy).loc[CENTRES]
        firm, whole = totals.loc["firm"], totals.loc["all"]
        assert (firm["largest_area_id"], firm["smallest_area_id"]) == ("TC02", "TC01")
        assert firm["ratio"] == pytest.approx(18440 / 6700)
        assert firm["residents_per_site_mean"] == pytest.approx((6700 + 18440 + 9000) / 3)
        assert (totals.loc["provisional", "areas"], whole["areas"]) == (1, 4)

    def test_workers_of_five_areas(self, toy: Found) -> None:
        """People served and workers of five areas: the largest load is 2.84 times the smallest."""
        people, workers = np.array([20630, 14612, 7134, 7208, 2573]), np.array([3, 2, 2, 1, 1])
        table = pd.DataFrame(
            {
                "layer": CENTRES,
                "area_id": list("ABCDE"),
                "certainty": "firm",
                "split": "known",
                "sites": 1,
                "residents": people,
                "residents_per_site": people.astype(float),
                "residents_per_capacity": people / workers,
            }
        )
        without = places_without(toy.ground, toy.outcomes)
        totals = load_totals(table, without, toy.outcomes).set_index(["layer", "scope"])
        assert round(totals.loc[(CENTRES, "firm"), "capacity_ratio"], 2) == 2.84


class TestPlacesWithout:
    def test_each_lack_is_named(self, toy: Found) -> None:
        table = places_without(toy.ground, toy.outcomes)
        named = table.groupby(["layer", "lack"])["place_code"].apply(list).to_dict()
        assert named == {
            (CENTRES, "township_without_site"): ["0103", "0202", "0203", "0204"],
            (CENTRES, "township_unserved"): ["0203"],
            (PANTRIES, "township_without_site"): ["0103", "0104", "0202", "0203", "0204"],
        }
        counts = totals_of(toy).loc[(CENTRES, "all")]
        assert (counts["townships_without"], counts["townships_unserved"]) == (4, 1)
        assert np.isnan(totals_of(toy).loc[(PANTRIES, "all"), "townships_unserved"])

    def test_a_county_without_a_site(self, toy: Found) -> None:
        pantries = toy.outcomes[1]
        none = replace(
            pantries,
            sites=pantries.sites[pantries.sites["county_code"] == "01"].reset_index(drop=True),
            standing=replace(pantries.standing, named=np.array([3, 0]), unnamed=np.array([0, 0])),
        )
        table = places_without(toy.ground, [none])
        county = table[table["lack"] == "county_without_site"]
        assert county[["place_code", "certainty", "population"]].to_numpy().tolist() == [
            ["02", "provisional", 13580]
        ]
        # Reported to stand, though nobody knows where: the county is not without.
        reported = replace(none, standing=replace(none.standing, unnamed=np.array([0, 1])))
        assert "county_without_site" not in set(places_without(toy.ground, [reported])["lack"])

    def test_a_site_of_unknown_township_makes_its_county_provisional(self, toy: Found) -> None:
        pantries = toy.outcomes[1]
        sites = pantries.sites.copy()
        sites.loc[sites["site_id"] == "TP03", "township"] = -1
        table = places_without(toy.ground, [replace(pantries, sites=sites)])
        assert set(table["certainty"]) == {"provisional"}
        before = places_without(toy.ground, [pantries]).set_index("place_code")["certainty"]
        assert before.to_dict()["0103"] == "firm"


class TestOwnAgainstNearest:
    def test_everybody_is_in_one_row(self, toy: Found) -> None:
        table = checked(own_nearest(toy.ground, toy.outcomes), OWN_NEAREST)
        for outcome in toy.outcomes:
            of = table[table["layer"] == outcome.layer.id]
            assert of["target_people"].sum() == outcome.people.sum()
            assert of["population"].sum() == toy.ground.demand.population.sum()

    def test_steps_hold_their_edges_and_the_minutes_add_up(self, toy: Found) -> None:
        centres = toy.outcomes[0]
        points = len(centres.people)
        minutes = np.array([0, 0.5, 5, 5.001, 10, 20, 30, 30.001] * points)[:points]
        access = replace(
            centres.access,
            own_state=np.full(points, State.MEASURED, np.uint8),
            nearest_state=np.full(points, State.MEASURED, np.uint8),
            nearest_ms=np.full(points, 600_000),
            own_ms=600_000 + np.round(minutes * 60_000).astype(np.int64),
        )
        covered = np.zeros_like(centres.coverage)
        table = own_nearest(toy.ground, [replace(centres, access=access, coverage=covered)])
        people = centres.people
        expected = {
            "none": people[minutes == 0],
            "up_to_5": people[(minutes > 0) & (minutes <= 5)],
            "up_to_10": people[(minutes > 5) & (minutes <= 10)],
            "up_to_20": people[(minutes > 10) & (minutes <= 20)],
            "up_to_30": people[(minutes > 20) & (minutes <= 30)],
            "over_30": people[minutes > 30],
            "not_known": people[:0],
        }
        found = table.groupby("longer")["target_people"].sum()
        assert found.to_dict() == {name: each.sum() for name, each in expected.items()}
        assert table["person_minutes"].sum() == pytest.approx((people * minutes).sum(), rel=1e-9)


class TestEquityTable:
    @pytest.fixture()
    def table(self, toy: Found) -> pd.DataFrame:
        return checked(equity(toy.ground, toy.outcomes, toy.rows), EQUITY)

    def test_a_figure_is_that_of_the_villages(self, toy: Found, table: pd.DataFrame) -> None:
        centres, ground = toy.outcomes[0], toy.ground
        here = (ground.universe[ground.demand.township] == 0) & centres.own_known
        minutes, people = centres.access.own_ms[here] / 60_000, centres.people[here]
        need = toy.rows.loc[toy.rows["layer"] == CENTRES, "need_percentile"].to_numpy()
        expected = {
            "gini": gini(minutes, people),
            "fgt_0": fgt(minutes, people, 30, 0),
            "concentration_index": concentration_index(
                minutes, people, need[ground.demand.township][here]
            ),
        }
        at = table.set_index(["layer", "universe", "scope", "quantity", "figure"])["value"]
        for measure, value in expected.items():
            key = (CENTRES, "main_island", "all", "own_minutes", measure)
            assert at[key] == pytest.approx(float(value), abs=1e-12)

    def test_everybody_is_counted_or_said_to_be_left_out(
        self, toy: Found, table: pd.DataFrame
    ) -> None:
        states = [name for name in table if name == "people" or name.startswith("people_")]
        whole = table[table["scope"] == "all"].assign(sum=table[states].sum(axis=1))
        for outcome in toy.outcomes:
            of = whole[whole["layer"] == outcome.layer.id]
            sums = of.groupby(["quantity", "figure"])["sum"].sum()
            assert set(sums[sums.index.get_level_values(0) == "own_minutes"]) == {
                outcome.people.sum()
            }
            assert sums.max() == outcome.people.sum()

    def test_nobody_counted_has_no_figure(self, table: pd.DataFrame) -> None:
        nobody = table["people"] == 0
        assert nobody.any()
        assert table.loc[nobody, "value"].isna().all()
        assert table.loc[~nobody & (table["figure"] == "mean"), "value"].notna().all()

    def test_within_and_between_counties_make_the_whole(self, table: pd.DataFrame) -> None:
        wide = table.pivot(
            index=["layer", "universe", "scope", "quantity"], columns="figure", values="value"
        ).dropna(subset="theil_t")
        assert len(wide) >= 8
        parts = wide["theil_within"] + wide["theil_between"]
        assert parts.to_numpy() == pytest.approx(wide["theil_t"].to_numpy(), abs=1e-12)


class TestHotspotTable:
    def test_few_townships_and_islands_are_named_and_not_tested(self, toy: Found) -> None:
        table = checked(hotspot_table(toy.ground, toy.outcomes, toy.rows), HOTSPOTS)
        assert len(table) == len(toy.rows)
        island = table["township_code"].isin(
            toy.rows.loc[toy.rows["universe"] == "islands", "township_code"]
        )
        assert island.any()
        assert (table.loc[island, "tested"] == "other_universe").all()
        assert set(table.loc[~island, "tested"]) <= {"too_few", "no_value", "no_neighbour"}
        assert (table["cluster"] == "not_tested").all()

    def test_neighbours_touch(self, toy: Found) -> None:
        pairs = neighbour_pairs(toy.ground)
        polygons = toy.ground.inputs.townships.geometry.to_numpy()
        expected = {
            (here, there)
            for here, first in enumerate(polygons)
            for there, second in enumerate(polygons)
            if here != there and first.intersects(second)
        }
        assert set(map(tuple, pairs.tolist())) == expected
        assert len(pairs) == len(expected) > 0
