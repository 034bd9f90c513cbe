"""Decays: their table, their laws, and what is wrong with one that is not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoplan.access import decay as module
from geoplan.access.decay import FORMS, NAMED, UNIFORM, parse_decay, step_faults, steps
from geoplan.errors import BadInput

TABLE = [line.split() for line in (module.__doc__ or "").splitlines() if line.startswith("    ")]
MINUTES = np.array([float(cell) for cell in TABLE[0][1:]])


def faults(text: str) -> list[str]:
    with pytest.raises(BadInput) as caught:
        parse_decay(text)
    told = [fault.tell("zh") + fault.tell("en") for fault in caught.value.faults]
    assert all(text in each for each in told)
    return [fault.code for fault in caught.value.faults]


@pytest.mark.parametrize("row", TABLE[1:], ids=lambda row: row[0])
def test_the_table_of_the_docstring(row: list[str]) -> None:
    wanted = [float(cell) for cell in row[1:]]
    assert parse_decay(row[0]).weights(MINUTES) == pytest.approx(wanted, abs=0.0006)


def test_the_table_shows_every_form() -> None:
    assert {row[0].partition(":")[0] for row in TABLE[1:]} == {"step", *FORMS}


@st.composite
def decays(draw: st.DrawFn) -> str:
    number = st.floats(0.1, 500, allow_nan=False).map(str)
    form = draw(st.sampled_from(sorted(FORMS)))
    return f"{form}:{','.join(draw(number) for _ in range(FORMS[form][1]))}"


@given(decays() | st.sampled_from(sorted(NAMED)), st.lists(st.floats(0, 5000), min_size=2))
def test_weights_lie_in_0_to_1_and_never_rise(text: str, minutes: list[float]) -> None:
    weights = parse_decay(text).weights(np.sort(np.array(minutes)))
    assert ((weights >= 0) & (weights <= 1)).all()
    assert (np.diff(weights) <= 1e-15).all()


@given(decays())
def test_a_site_on_the_spot_counts_in_full(text: str) -> None:
    assert parse_decay(text).weights(np.zeros(1)).tolist() == [1.0]


def test_an_edge_itself_is_within() -> None:
    weights = parse_decay("step:10=1,20=0.68,30=0.22").weights(
        np.array([10, 10.001, 20, np.nextafter(20, 21), 30, 30.001])
    )
    assert weights.tolist() == [1, 0.68, 0.68, 0.22, 0.22, 0]


def test_published_sets() -> None:
    at = np.array([0.0, 10, 15, 25, 30, 45, 60, 61])
    assert NAMED["luo-qi-2009-slow"].weights(at).tolist() == [1, 1, 0.68, 0.22, 0.22, 0, 0, 0]
    assert NAMED["luo-qi-2009-fast"].weights(at).tolist() == [1, 1, 0.42, 0.09, 0.09, 0, 0, 0]
    wan = [0.962, 0.962, 0.704, 0.377, 0.377, 0.042, 0.042, 0]
    assert parse_decay("wan-2012").weights(at).tolist() == wan


def test_the_same_decay_is_equal_and_without_one_all_count() -> None:
    assert parse_decay("step:10=1,20=.5") == steps([10, 20], [1, 0.5])
    assert parse_decay("gaussian:3") != parse_decay("gaussian:4")
    assert UNIFORM.weights(np.array([0.0, 1e9])).tolist() == [1, 1]


def test_a_weight_too_small_to_divide_by_is_none() -> None:
    assert parse_decay("gaussian:1").weights(np.array([37.0, 38.5])).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("gausian:30", "decay_unknown_near"),
        ("Gaussian:30", "decay_unknown_near"),
        ("wan2012", "decay_unknown_near"),
        ("q", "decay_unknown"),
        ("", "decay_unknown"),
        ("linear", "decay_numbers"),
        ("linear:", "decay_numbers"),
        ("linear:30,5", "decay_numbers"),
        ("linear:thirty", "decay_numbers"),
        ("linear:nan", "decay_numbers"),
        ("linear:inf", "decay_numbers"),
        ("linear:0", "decay_positive"),
        ("exponential:-1", "decay_positive"),
        ("logistic:30", "decay_numbers"),
        ("logistic:30,0", "decay_positive"),
        ("step:", "decay_steps"),
        ("step:30", "decay_steps"),
        ("step:10=1,20", "decay_steps"),
        ("step:0=1", "decay_edge_positive"),
        ("step:-5=1", "decay_edge_positive"),
        ("step:20=1,10=0.5", "decay_edge_order"),
        ("step:10=1,10=0.5", "decay_edge_order"),
        ("step:10=0.5,20=0.8", "decay_weight_order"),
        ("step:10=1.1", "decay_weight"),
        ("step:10=1,20=-0.1", "decay_weight"),
        ("step:10=0,20=0", "decay_all_zero"),
    ],
)
def test_what_is_wrong_is_told(text: str, code: str) -> None:
    assert faults(text or "") == [code]


def test_all_faults_at_once_and_the_rows_of_a_table() -> None:
    found = step_faults([-1, 5, 4, np.nan], [2, 0.5, 0.6, 0.1], "own.csv", first_row=2)
    rows = {fault.code: fault.rows for fault in found}
    assert rows == {
        "decay_not_finite": (5,),
        "decay_edge_positive": (2,),
        "decay_weight": (2,),
        "decay_edge_order": (4,),
        "decay_weight_order": (4,),
    }
    assert "own.csv" in found[0].tell("zh")


@pytest.mark.parametrize(("edges", "weights"), [([], []), ([1.0], [1.0, 0.5])])
def test_steps_come_in_pairs(edges: list[float], weights: list[float]) -> None:
    with pytest.raises(BadInput) as caught:
        steps(edges, weights)
    assert [fault.code for fault in caught.value.faults] == ["decay_steps"]
