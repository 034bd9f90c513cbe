"""Plans that many tests look at, computed once a session."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from geoplan.catalog import read_inputs
from geoplan.model import Plan
from geoplan.pipeline import Asked, plan_inputs, run
from geoplan.study import read_study

# Examples are the same in every run, and no test is judged by the clock: a red run can be repeated.
settings.register_profile(
    "repeatable", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("repeatable")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def toy_plan() -> Plan:
    """The invented toy country, through the whole line."""
    return run(read_study("toy"))


@pytest.fixture(scope="session")
def quick_plan() -> Plan:
    """The toy country without draws and hot spots."""
    return plan_inputs(read_inputs(read_study("toy")), asked=Asked(quick=True))


@pytest.fixture(scope="session")
def plan() -> Plan:
    """The default study: all of Taiwan."""
    return run(read_study("tw-2030"))
