"""The need index: scales, weights, small rates, influence: by hand, beside peers, as laws."""

from __future__ import annotations

import numpy as np
import pytest
from esda.smoothing import Empirical_Bayes
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from geoplan import need
from geoplan.need import Indicator, Method, NoWeights, leading, need_index, percentile_rank

ONE = np.zeros(5, np.int64)


# Scales


def test_percentile_rank_by_hand() -> None:
    # Share of the other places that are lower; ties share the lower rank (CDC's PERCENT_RANK).
    value = np.array([3.0, 1.0, 2.0, 2.0, 9.0])
    assert percentile_rank(value, ONE).tolist() == [0.75, 0.0, 0.25, 0.25, 1.0]


def test_percentile_rank_is_that_of_the_svi() -> None:
    # The SVI documentation's formula: (rank - 1) / (N - 1), rank 1 lowest.
    value = np.random.default_rng(5).permutation(np.repeat(np.arange(20.0), 3))
    rank = stats.rankdata(value, method="min")
    found = percentile_rank(value, np.zeros(60, np.int64))
    assert found.tolist() == ((rank - 1) / 59).tolist()


def test_ranks_are_taken_before_rounding() -> None:
    value = np.array([0.1234567891, 0.1234567892, 0.5, 0.1234567890])
    assert percentile_rank(value, ONE[:4]).tolist() == [1 / 3, 2 / 3, 1, 0]


def test_missing_counts_for_nobody() -> None:
    value = np.array([3.0, np.nan, 2.0, 1.0, 4.0])
    rank = percentile_rank(value, ONE)
    assert np.isnan(rank[1])
    assert rank[[0, 2, 3, 4]].tolist() == [2 / 3, 1 / 3, 0.0, 1.0]


@pytest.mark.parametrize("scale", sorted(need.SCALES))
def test_universes_are_scaled_apart(scale: need.scale.Normalise) -> None:
    value, universe = np.array([1.0, 10.0, 2.0, 20.0, 4.0]), np.array([0, 1, 0, 1, 0])
    whole = need.SCALES[scale](value, universe)
    for group in (0, 1):
        mine = universe == group
        alone = need.SCALES[scale](value[mine], np.zeros(mine.sum(), np.int64))
        assert whole[mine].tolist() == alone.tolist()


def test_z_scores_are_those_of_scipy() -> None:
    value = np.random.default_rng(1).gamma(2, 9, 40)
    found = need.z_score(value, np.zeros(40, np.int64))
    assert found == pytest.approx(stats.zscore(value), abs=1e-12)


def test_min_max_by_hand() -> None:
    assert need.min_max(np.array([3.0, 1, 2, np.nan, 9]), ONE)[[0, 1, 2, 4]].tolist() == [
        0.25,
        0,
        0.125,
        1,
    ]


@pytest.mark.parametrize("scale", sorted(need.SCALES))
def test_where_all_are_equal_all_score_0(scale: need.scale.Normalise) -> None:
    value = np.full(5, 0.1) + 0.2  # a sum that is not a round number
    assert need.SCALES[scale](value, ONE).tolist() == [0] * 5
    assert need.SCALES[scale](np.array([7.0]), ONE[:1]).tolist() == [0]


def test_reversal_is_one_minus_the_percentile() -> None:
    income = Indicator("income", np.array([100.0, 200.0, 300.0, 400.0, 500.0]), 1, False)
    assert need_index([income], ONE).by_indicator[0].tolist() == [1, 0.75, 0.5, 0.25, 0]


# Weights


def test_given_weights_add_up_to_1() -> None:
    assert need.given([2, 1, 1]).share.tolist() == [0.5, 0.25, 0.25]


@pytest.mark.parametrize("wrong", [[], [0, 0], [1, -1], [np.nan, 1], [np.inf, 1]])
def test_weights_must_mean_something(wrong: list[float]) -> None:
    with pytest.raises(ValueError, match="positive weight"):
        need.given(wrong)


def test_an_index_wants_an_indicator() -> None:
    with pytest.raises(ValueError, match="positive weight"):
        need_index([], ONE)
    with pytest.raises(ValueError, match="positive weight"):
        need_index([Indicator("a", np.arange(5.0), 0, True)], ONE)


def test_themes_weigh_the_same_however_many_indicators_they_have() -> None:
    share = need.equal_per_theme(["means", "means", "age", "means"]).share
    assert share == pytest.approx([1 / 6, 1 / 6, 1 / 2, 1 / 6], abs=1e-15)


def test_entropy_weights_are_shannons() -> None:
    score = np.random.default_rng(3).random((4, 30))
    apart = 1 - stats.entropy(score, axis=1) / np.log(30)
    assert need.entropy(score).share == pytest.approx(apart / apart.sum(), abs=1e-12)


def test_entropy_of_two_indicators_by_hand() -> None:
    # One place has everything: entropy 0, all weight but that of the second, 1 - ln 3 / ln 4 of it.
    score = np.array([[1.0, 0, 0, 0], [1.0, 1, 1, 0]])
    second = 1 - np.log(3) / np.log(4)
    expected = [1 / (1 + second), second / (1 + second)]
    assert need.entropy(score).share == pytest.approx(expected, abs=1e-15)


def test_pca_weights_are_the_squared_first_loadings() -> None:
    draw = np.random.default_rng(8)
    common = draw.normal(size=200)
    score = np.array([common + draw.normal(size=200) * each for each in (0.5, 1, 2)])
    standard = stats.zscore(score, axis=1)
    loadings, sizes, _ = np.linalg.svd(standard, full_matrices=False)
    found = need.pca(score)
    assert found.share == pytest.approx(loadings[:, 0] ** 2, abs=1e-12)
    assert found.explained == pytest.approx(sizes[0] ** 2 / (sizes**2).sum(), abs=1e-12)
    assert found.share[0] > found.share[1] > found.share[2]


def test_pca_counts_an_indicator_that_runs_against_the_others_in_its_direction() -> None:
    first = np.arange(20.0)
    score = np.array([first, first + np.tile([0.0, 3], 10), -first + np.tile([0.0, 1], 10)])
    found = need_index(
        [Indicator(str(n), each, 1, True) for n, each in enumerate(score)],
        np.zeros(20, np.int64),
        Method("z", "pca"),
    )
    assert (found.weights.share > 0.3).all()
    assert found.influence.share[2] < 0


@pytest.mark.parametrize(
    ("score", "code"),
    [
        ([[1.0, np.nan, 2], [np.nan, 1, 3]], "too_few"),
        ([[1.0, 1, 1], [1, 2, 3]], "constant"),
        ([[1.0, -1, 1, -1], [1, 1, -1, -1]], "no_first"),
    ],
)
def test_pca_says_why_there_are_no_weights(score: list[list[float]], code: str) -> None:
    with pytest.raises(NoWeights) as caught:
        need.pca(np.array(score))
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("score", "code"),
    [([[0.0, np.nan], [0, 1]], "too_few"), ([[0.0, 0, 0], [0, 0.5, 1]], "constant")],
)
def test_entropy_says_why_there_are_no_weights(score: list[list[float]], code: str) -> None:
    with pytest.raises(NoWeights) as caught:
        need.entropy(np.array(score))
    assert caught.value.code == code


def test_comparisons_that_agree_give_back_their_weights() -> None:
    weight = np.array([0.5, 0.3, 0.15, 0.05])
    found = need.ahp(weight[:, None] / weight[None, :])
    assert found.share == pytest.approx(weight, abs=1e-12)
    assert found.consistency_ratio == pytest.approx(0, abs=1e-12)


def test_comparisons_of_three_things() -> None:
    # A has 3 times the say of B and 5 times that of C, B 3 times that of C: the power method to
    # the end, and Saaty's random index of 0.58 for three.
    pairwise = np.array([[1, 3, 5], [1 / 3, 1, 3], [1 / 5, 1 / 3, 1]])
    weight = np.ones(3)
    for _ in range(200):
        weight = pairwise @ weight / (pairwise @ weight).sum()
    largest = (pairwise @ weight / weight).mean()
    found = need.ahp(pairwise)
    assert found.share == pytest.approx(weight, abs=1e-12)
    assert found.share == pytest.approx([0.637, 0.258, 0.105], abs=5e-4)
    assert found.consistency_ratio == pytest.approx((largest - 3) / 2 / 0.58, abs=1e-12)
    assert found.consistency_ratio == pytest.approx(0.033, abs=5e-4)


def test_comparisons_that_go_round_in_a_circle_contradict_themselves() -> None:
    circle = np.array([[1, 5, 1 / 5], [1 / 5, 1, 5], [5, 1 / 5, 1]])
    ratio = need.ahp(circle).consistency_ratio
    assert ratio is not None and ratio > 1
    assert need.ahp(np.array([[1, 4], [1 / 4, 1]])).consistency_ratio == 0


def test_index_asks_ahp_for_every_comparison() -> None:
    two = [Indicator(name, np.arange(5.0), 1, True) for name in "ab"]
    with pytest.raises(ValueError, match="comparison"):
        need_index(two, ONE, Method(weighting="ahp"))


# Rates of small places


def counts(places: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    people = draw.integers(200, 90_000, places)
    return draw.poisson(people * draw.gamma(4, 0.002, places)).astype(float), people.astype(float)


@pytest.mark.parametrize("seed", range(3))
def test_shrunk_rates_are_those_of_esda(seed: int) -> None:
    events, people = counts(60, seed)
    found = need.empirical_bayes(events, people, np.zeros(60, np.int64))
    assert found == pytest.approx(Empirical_Bayes(events, people).r[:, 0], abs=1e-14)


def test_shrunk_rates_lie_between_their_own_and_the_mean() -> None:
    events, people = counts(50, 9)
    own, mean = events / people, events.sum() / people.sum()
    found = need.empirical_bayes(events, people, np.zeros(50, np.int64))
    assert (np.minimum(own, mean) <= found).all() and (found <= np.maximum(own, mean)).all()
    kept = (found - mean) / (own - mean)
    assert (np.diff(kept[np.argsort(people)]) >= -1e-12).all()  # the more people, the less drawn


def test_rates_that_differ_by_no_more_than_chance_become_the_mean() -> None:
    events, people = np.array([1.0, 0, 2, 1]), np.array([1000.0, 900, 1100, 1000])
    found = need.empirical_bayes(events, people, np.zeros(4, np.int64))
    assert found == pytest.approx([0.001] * 4, abs=1e-15)


def test_nobody_has_no_rate_and_counts_for_nobody() -> None:
    events, people = np.array([5.0, 0, np.nan, 9, 4]), np.array([100.0, 0, 50, 120, 900])
    found = need.empirical_bayes(events, people, ONE)
    assert np.isnan(found[[1, 2]]).all()
    assert found[[0, 3, 4]] == pytest.approx(
        Empirical_Bayes(events[[0, 3, 4]], people[[0, 3, 4]]).r[:, 0], abs=1e-15
    )


def test_no_event_anywhere_is_a_rate_of_0() -> None:
    assert need.empirical_bayes(np.zeros(5), np.full(5, 10.0), ONE).tolist() == [0] * 5


# Influence


def test_influence_shares_the_variance_of_the_index() -> None:
    draw = np.random.default_rng(4)
    score, weight = draw.normal(size=(3, 80)), np.array([0.5, 0.3, 0.2])
    index = weight @ score
    found = need.influence(score, weight, np.zeros(80, np.int64))
    assert found.share.sum() == pytest.approx(1, abs=1e-12)
    covariance = [w * np.cov(s, index)[0, 1] for w, s in zip(weight, score, strict=True)]
    assert found.share == pytest.approx(np.array(covariance) / index.var(ddof=1), abs=1e-12)
    correlation = [np.corrcoef(s, index)[0, 1] ** 2 for s in score]
    assert found.correlation_squared == pytest.approx(correlation, abs=1e-12)


def test_weight_is_not_influence() -> None:
    # Two copies of one thing and one thing against them: equal weights, unequal influence.
    one = np.arange(9.0)
    found = need.influence(np.array([one, one, -one]), np.full(3, 1 / 3), np.zeros(9, np.int64))
    assert found.share == pytest.approx([1, 1, -1], abs=1e-12)


def test_influence_is_within_universes_and_of_places_that_are_known() -> None:
    one = np.array([0.0, 1, 2, 0, 1, 2, np.nan])
    other = np.array([5.0, 5, 5, 9, 9, 9, 9])
    universe = np.array([0, 0, 0, 1, 1, 1, 1])
    found = need.influence(np.array([one, other]), np.array([0.5, 0.5]), universe)
    assert found.share.tolist() == [1, 0]


def test_an_index_that_does_not_vary_has_no_influence() -> None:
    found = need.influence(np.array([[1.0, 0], [0, 1.0]]), np.array([0.5, 0.5]), ONE[:2])
    assert found.share.tolist() == [0, 0]


# The index


def test_a_missing_indicator_leaves_the_index_unknown() -> None:
    a = Indicator("a", np.array([1.0, np.nan, 3.0, 4.0, 5.0]), 1, True)
    b = Indicator("b", np.arange(5.0), 1, True)
    assert np.isnan(need_index([a, b], ONE).percentile[1])


def test_index_by_hand_on_every_scale() -> None:
    poor = Indicator("poor", np.array([0.0, 1, 2, 3, 4]), 3, True)
    income = Indicator("income", np.array([10.0, 50, 20, 30, 40]), 1, False)
    ranks = need_index([poor, income], ONE)
    assert ranks.index.tolist() == [0.25, 0.1875, 0.5625, 0.6875, 0.8125]
    assert ranks.percentile.tolist() == [0.25, 0, 0.5, 0.75, 1]
    least = need_index([poor, income], ONE, Method("min-max"))
    assert least.index.tolist() == [0.25, 0.1875, 0.5625, 0.6875, 0.8125]
    z = need_index([poor, income], ONE, Method("z"))
    expected = 0.75 * stats.zscore(poor.value) - 0.25 * stats.zscore(income.value)
    assert z.index == pytest.approx(expected, abs=1e-12)
    assert z.by_indicator.tolist() == ranks.by_indicator.tolist()


def test_leading_indicators_in_order() -> None:
    by_indicator = np.array([[0.1, 0.5], [0.9, np.nan], [0.4, 0.5]])
    assert leading(by_indicator, 2) == [[1, 2], [0, 2]]
    assert leading(np.array([[-1.0], [-0.5], [np.nan]])) == [[1, 0]]


# Laws

whole = st.integers(-1000, 1000)
columns = st.integers(3, 10).flatmap(
    lambda n: st.lists(st.lists(whole, min_size=n, max_size=n), min_size=2, max_size=4)
)
scales = st.sampled_from(["percentile", "z", "min-max"])
fixed = st.sampled_from(["given", "equal_per_theme", "ahp"])


def indicators(
    table: list[list[int]], directions: list[bool], weights: list[int]
) -> list[Indicator]:
    return [
        Indicator(
            str(n), np.array(column, float), weights[n], directions[n], "even" if n % 2 else "odd"
        )
        for n, column in enumerate(table)
    ]


def method(scale: str, weighting: str, weights: list[int], count: int) -> Method:
    share = np.array(weights[:count], float)
    return Method(scale, weighting, share[:, None] / share[None, :])


drawn = (columns, st.lists(st.booleans(), min_size=4, max_size=4))
some_weights = st.lists(st.integers(1, 9), min_size=4, max_size=4)


@given(*drawn, some_weights, st.sampled_from(["percentile", "min-max"]), fixed, st.data())
def test_a_worse_figure_never_improves_the_percentile(
    table: list[list[int]],
    directions: list[bool],
    weights: list[int],
    scale: str,
    weighting: str,
    data: st.DataObject,
) -> None:
    which = data.draw(st.integers(0, len(table) - 1))
    place = data.draw(st.integers(0, len(table[0]) - 1))
    by = data.draw(st.integers(0, 2000)) * (1 if directions[which] else -1)
    worse = [list(column) for column in table]
    worse[which][place] += by
    universe = np.zeros(len(table[0]), np.int64)
    how = method(scale, weighting, weights, len(table))
    before, after = (
        need_index(indicators(each, directions, weights), universe, how).percentile
        for each in (table, worse)
    )
    assert after[place] >= before[place]


@given(*drawn, scales, st.data())
def test_a_worse_figure_never_improves_its_own_score(
    table: list[list[int]], directions: list[bool], scale: str, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(table[0]) - 1))
    by = data.draw(st.integers(0, 2000)) * (1 if directions[0] else -1)
    worse = [list(column) for column in table]
    worse[0][place] += by
    universe = np.zeros(len(table[0]), np.int64)
    before, after = (
        need_index(indicators(each, directions, [1] * 4), universe, Method(scale)).score[0, place]
        for each in (table, worse)
    )
    assert after >= before - 1e-12


@given(*drawn, some_weights, scales, fixed, st.randoms())
def test_order_of_places_and_indicators_changes_nothing(
    table: list[list[int]],
    directions: list[bool],
    weights: list[int],
    scale: str,
    weighting: str,
    shuffle: object,
) -> None:
    places = list(range(len(table[0])))
    shuffle.shuffle(places)
    universe = np.arange(len(places)) % 2
    how = method(scale, weighting, weights, len(table))
    straight = need_index(indicators(table, directions, weights), universe, how)
    turned_table = [[column[place] for place in places] for column in table]
    turned = need_index(indicators(turned_table, directions, weights), universe[places], how)
    assert turned.percentile.tolist() == straight.percentile[places].tolist()
    assert turned.influence.share == pytest.approx(straight.influence.share, abs=1e-9)
    if weighting != "ahp":  # whose comparisons would have to be turned round too
        backwards = need_index(indicators(table, directions, weights)[::-1], universe, how)
        assert backwards.percentile.tolist() == straight.percentile.tolist()


@given(*drawn, st.integers(1, 9), whole)
def test_another_unit_leaves_ranks_and_percentiles(
    table: list[list[int]], directions: list[bool], times: int, plus: int
) -> None:
    universe = np.zeros(len(table[0]), np.int64)
    scaled = [[times * each + plus for each in column] for column in table]
    before, after = (
        need_index(indicators(each, directions, [1] * 4), universe) for each in (table, scaled)
    )
    assert after.percentile.tolist() == before.percentile.tolist()
    assert after.by_indicator.tolist() == before.by_indicator.tolist()


@given(*drawn, scales)
def test_turning_figure_and_direction_changes_no_order(
    table: list[list[int]], directions: list[bool], scale: str
) -> None:
    """Unemployment needier, or employment less needy: the same ranking where nobody ties."""
    assume(all(len(set(column)) == len(column) for column in table))
    universe = np.zeros(len(table[0]), np.int64)
    other = [[-each for each in column] for column in table]
    before = need_index(indicators(table, directions, [1] * 4), universe, Method(scale))
    opposite = [not each for each in directions]
    after = need_index(indicators(other, opposite, [1] * 4), universe, Method(scale))
    assert after.percentile.tolist() == before.percentile.tolist()


@given(columns, some_weights, scales)
def test_influences_add_up_to_1_or_nothing_varies(
    table: list[list[int]], weights: list[int], scale: str
) -> None:
    universe = np.zeros(len(table[0]), np.int64)
    found = need_index(indicators(table, [True] * 4, weights), universe, Method(scale))
    total = found.influence.share.sum()
    flat = found.index.max() - found.index.min() < 1e-12
    assert flat or total == pytest.approx(1, abs=1e-9)
    assert (
        (found.influence.correlation_squared >= 0) & (found.influence.correlation_squared <= 1)
    ).all()
