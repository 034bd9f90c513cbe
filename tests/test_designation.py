from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from geoplan.designation import BeyondTest, judge

RULE = BeyondTest(share_at_least=0.33, or_people_at_least=500, with_share_at_least=0.05)


def test_thresholds_count_as_written() -> None:
    assert RULE.holds(33, 100)
    assert not RULE.holds(32, 100)
    assert RULE.holds(500, 10_000)  # exactly 500 people and exactly 5 %
    assert not RULE.holds(499, 9_980)
    assert not RULE.holds(500, 10_001)
    assert not RULE.holds(0, 0)


def test_a_third_is_not_rounded_to_the_threshold() -> None:
    # 0.33 of 1,000,000 is 330,000; one fewer is below, however a float prints it.
    assert RULE.holds(330_000, 1_000_000)
    assert not BeyondTest(0.33, 10**9, 0.05).holds(329_999, 1_000_000)


def test_unknown_people_decide_only_if_they_can() -> None:
    assert RULE.between(40, 10, 100) is True
    assert RULE.between(10, 10, 100) is False
    assert RULE.between(30, 10, 100) is None


def test_status_table() -> None:
    def status(distance: bool | None, need: bool | None) -> str:
        return judge(distance, need, "distance", "list_gap").status

    assert status(True, True) == "severe"
    assert status(True, False) == status(True, None) == "underserved"
    assert status(False, True) == "watch"
    assert status(False, False) == status(False, None) == "not_listed"
    assert status(None, True) == status(None, False) == "undetermined"


@given(st.sampled_from([True, False, None]), st.sampled_from([True, False, None]))
def test_listed_if_and_only_if_the_distance_test_is_true(
    distance: bool | None, need: bool | None
) -> None:
    verdict = judge(distance, need, "distance", "no_usable_point")
    assert verdict.listed == (distance is True)
    assert not verdict.listed or verdict.reasons


@given(st.integers(0, 2000), st.integers(0, 2000), st.integers(0, 2000))
def test_more_people_beyond_never_takes_a_place_off_the_list(
    beyond: int, more: int, rest: int
) -> None:
    total = beyond + more + rest
    if total and RULE.holds(beyond, total):
        assert RULE.holds(beyond + more, total)
