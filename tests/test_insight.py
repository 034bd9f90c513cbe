"""What the planner sees of a plan, against plain counting; and the models by name."""

from __future__ import annotations

import pytest

from geoplan.errors import BadInput
from geoplan.siting.location import Effort, Positions, fault
from geoplan.siting.models import MODELS, Question, solve
from tests.test_cover_models import THRESHOLD, country

QUESTION = Question(threshold_ms=THRESHOLD, count=6, share=600_000)


@pytest.mark.parametrize(
    "name", ["mclp", "backup", "lscp", "partial-cover", "p-median", "p-centre"]
)
def test_models_answer_by_name(name: str) -> None:
    problem = country(3, 60, 20)
    found = solve(name, problem, QUESTION, Effort(seconds=20))
    assert found.status in ("optimal", "infeasible")
    assert bool(len(found.chosen)) == (found.status == "optimal")


def test_a_model_names_what_it_was_not_given() -> None:
    problem = country(3, 60, 20)
    for name, model in MODELS.items():
        with pytest.raises(BadInput) as told:
            solve(name, problem, Question())
        assert len(told.value.faults) == len(model.needs)
        assert all(what in str(told.value) for what in model.needs)


def test_positions_are_shown_a_few_at_a_time() -> None:
    told = fault("uncoverable", points=Positions(range(20)), count=20).tell("en")
    assert "0, 1, 2, 3, 4, 5, 6, 7, ...;" in told
