"""Plans that many tests look at, computed once a session."""

from __future__ import annotations

import gc
import pickle
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from geoplan import export
from geoplan.catalog import read_inputs
from geoplan.export.lists import Lists, make_lists
from geoplan.maps import write_page
from geoplan.model import Inputs, Plan
from geoplan.pipeline import Asked, plan_inputs, run
from geoplan.study import read_study
from tests.browsing import Screen, Tabs, axe_text, chromium, fetch_axe
from tests.commands import geoplan
from tests.once import made_once

# Examples are the same in every run, and no test is judged by the clock: a red run can be repeated.
settings.register_profile(
    "repeatable", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("repeatable")

# Two workers end together if long files come first. Loops are compiled only once if one file comes
# to them before others do: test_hierarchy to those of travel, while the other worker lints, then
# test_verify to those of siting. test_export has all of Taiwan planned, for the files after it.
FIRST = (
    "test_hierarchy", "test_lint", "test_export", "test_verify", "test_catalog", "test_cli",
    "test_page_browser", "test_trial_browser", "test_county_trial_browser", "test_wheel",
    "test_views_browser", "test_trunk", "test_own_travel", "test_travel_command", "test_engine",
)  # fmt: skip

# Where the tests were started in the background, programs they start would not hear Ctrl-C.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).resolve().parent.parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first; xdist keeps this order with --no-loadscope-reorder."""
    place = {name: at for at, name in enumerate(FIRST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(place)))


def pytest_collection_finish() -> None:
    """What is imported and collected stays: no garbage is looked for in it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def toy_plan() -> Plan:
    """The invented toy country, through the whole line."""
    return run(read_study("toy"))


@pytest.fixture(scope="session")
def toy_result(toy_plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of that plan as a run writes it; only to be read."""
    folder = tmp_path_factory.mktemp("result") / "toy"
    export.write_plan(toy_plan, write_page(toy_plan), folder)
    return folder


@pytest.fixture(scope="session")
def quick_plan() -> Plan:
    """The toy country without draws and hot spots."""
    return plan_inputs(read_inputs(read_study("toy")), asked=Asked(quick=True))


def run_taiwan(cwd: Path) -> None:
    """`geoplan run`, and the plan that it writes, as a value."""
    write_plan = export.write_plan

    def keep(plan: Plan, page: str, out: Path) -> None:
        (cwd / "plan.pickle").write_bytes(pickle.dumps(plan))
        write_plan(plan, page, out)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(export, "write_plan", keep)
        done = geoplan("run", cwd=cwd)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def taiwan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where `geoplan run` planned the default study, all of Taiwan; only to be read."""
    return made_once(tmp_path_factory, "taiwan", run_taiwan)


@pytest.fixture(scope="session")
def taiwan_result(taiwan: Path) -> Path:
    """The result folder of that run."""
    return taiwan / "maps" / "tw-2030"


@pytest.fixture(scope="session")
def taiwan_inputs() -> Inputs:
    """What the default study reads."""
    return read_inputs(read_study("tw-2030"))


@pytest.fixture(scope="session")
def plan(taiwan: Path) -> Plan:
    """What that run planned."""
    found = pickle.loads((taiwan / "plan.pickle").read_bytes())  # noqa: S301 - written above
    assert isinstance(found, Plan)
    return found


@pytest.fixture(scope="session")
def lists(plan: Plan) -> Lists:
    """The lists of that plan."""
    return make_lists(plan)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium."""
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The text of axe-core."""
    return axe_text(made_once(tmp_path_factory, "axe", fetch_axe))


@pytest.fixture(scope="session")
def tabs(browser: Any) -> Tabs:
    """Its tabs."""
    return Tabs(browser)


@pytest.fixture
def screen(tabs: Tabs, folder: Path) -> Iterator[Screen]:
    """Shows the pages in the module's `folder`."""
    shown = Screen(tabs, folder)
    yield shown
    shown.close()
