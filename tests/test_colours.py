"""The page's palettes as colour-blind eyes and a grey printer see them, read off the rendered page.

Eyes: Machado, G., Oliveira, M. and Fernandes, L. (2009), IEEE TVCG 15(6), 1291-1298, full severity,
in linear RGB. Difference: CIEDE2000, Sharma, G., Wu, W. and Dalal, E. (2005), Color Research and
Application 30(1), 21-30, whose published pairs it is held to.
"""

from __future__ import annotations

import re
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from geoplan.maps import write_page
from geoplan.model import Floats, Plan
from geoplan.reporting.legend import FILLS
from geoplan.reporting.stacked import FILLS as COVERAGE
from tests.browsing import Screen

LEAST = 10.0
"""CIEDE2000 between neighbouring classes; about 2 is just seen side by side."""
EYES = {
    "usual": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
         [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
         [-0.011820, 0.042940, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
         [0.004733, 0.691367, 0.303900]]
    ),
}  # fmt: skip
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
     [0.0193339, 0.1191920, 0.9503041]]
)  # fmt: skip


def seen(colour: str, eye: str) -> Floats:
    """CIELAB of #rrggbb or rgb(r, g, b) as the eye sees it."""
    numbers = re.findall(r"\d+", colour) if colour.startswith("rgb") else None
    parts = numbers or [str(int(colour[at : at + 2], 16)) for at in (1, 3, 5)]
    value = np.array([int(each) for each in parts[:3]]) / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(EYES[eye] @ linear, 0, 1) / np.array([0.95047, 1, 1.08883])
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def difference(one: Floats, other: Floats) -> float:
    """CIEDE2000 of two CIELAB colours."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    more = 1.5 - 0.5 * np.sqrt(mean**7 / (mean**7 + 25.0**7))
    c1, c2 = np.hypot(a1 * more, b1), np.hypot(a2 * more, b2)
    h1, h2 = (np.degrees(np.arctan2(b, a * more)) % 360 for a, b in ((a1, b1), (a2, b2)))
    grey = c1 * c2 == 0
    turn = 0.0 if grey else (h2 - h1 + 180) % 360 - 180
    light, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    hue = h1 + h2 if grey else (h1 + turn / 2) % 360
    wave = (
        1 - 0.17 * np.cos(np.radians(hue - 30)) + 0.24 * np.cos(np.radians(2 * hue))
        + 0.32 * np.cos(np.radians(3 * hue + 6)) - 0.2 * np.cos(np.radians(4 * hue - 63))
    )  # fmt: skip
    dl = (l2 - l1) / (1 + 0.015 * (light - 50) ** 2 / np.sqrt(20 + (light - 50) ** 2))
    dc = (c2 - c1) / (1 + 0.045 * chroma)
    dh = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2)) / (1 + 0.015 * chroma * wave)
    bend = np.sin(np.radians(60 * np.exp(-(((hue - 275) / 25) ** 2))))
    bend *= -2 * np.sqrt(chroma**7 / (chroma**7 + 25.0**7))
    return float(np.sqrt(dl**2 + dc**2 + dh**2 + bend * dc * dh))


SHARMA = [
    ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
    ((50, 0, 0), (50, -1, 2), 2.3669),
    ((50, 2.5, 0), (50, 0, -2.5), 4.3065),
    ((50, 2.5, 0), (73, 25, -18), 27.1492),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
]


@pytest.mark.parametrize(("one", "other", "wanted"), SHARMA)
def test_the_difference_is_the_published_one(one: Any, other: Any, wanted: float) -> None:
    assert difference(np.array(one), np.array(other)) == pytest.approx(wanted, abs=1e-4)


def least(colours: list[str], pairs: Any) -> float:
    return min(
        difference(seen(one, eye), seen(other, eye))
        for eye in EYES
        for one, other in pairs(colours)
    )


def greys(colours: list[str]) -> Floats:
    return np.array([seen(each, "usual")[0] for each in colours])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, toy_plan: Plan) -> Path:
    pages = tmp_path_factory.mktemp("colours")
    (pages / "toy.html").write_text(write_page(toy_plan), "utf-8")
    return pages


SCALE = "#classes .classes tr[data-class] th .swatch rect"
OUTSIDE = ("url(",)


def legend(page: Any) -> list[str]:
    found = page.locator(SCALE).evaluate_all("(all) => all.map((e) => e.getAttribute('fill'))")
    return [fill for fill in found if not fill.startswith(OUTSIDE)]


def test_classes_of_every_measure_stay_apart_and_grow_darker(
    screen: Screen, toy_plan: Plan
) -> None:
    opened = screen.show("toy")
    page = opened.page
    for layer in toy_plan.study.layers:
        opened.choose(layer.id)
        options = page.locator("#measure option").evaluate_all("(all) => all.map((e) => e.value)")
        for measure in set(options) - {"need_access"}:
            page.select_option("#measure", measure)
            colours = legend(page)
            if len(colours) > 1:
                assert least(colours, pairwise) >= LEAST, (measure, colours)
                steps = np.diff(greys(colours))
                assert (steps > 3).all() or (steps < -3).all(), (measure, colours)


def test_nine_classes_stay_apart_for_every_eye_and_in_grey(screen: Screen) -> None:
    page = screen.show("toy", "#measure=need_access").page
    colours = page.locator("#classes .nine-classes button").evaluate_all(
        "(all) => all.map((e) => getComputedStyle(e).backgroundColor)"
    )
    assert len(colours) == 9
    assert least(colours, lambda all_: combinations(all_, 2)) >= LEAST
    light = greys(colours).reshape(3, 3)  # need from high to low, way from near to far
    assert (np.diff(light, axis=0) > 3).all()
    assert (np.diff(light, axis=1) < -3).all()
    assert np.diff(np.sort(light.ravel())).min() > 1


def test_differences_of_a_trial_stay_apart(screen: Screen) -> None:
    page = screen.show("toy").page
    page.click("#trial-begin")
    page.wait_for_selector("#trial:not([hidden])")
    page.select_option("#measure", "difference")
    colours = legend(page)
    assert len(colours) == 7
    assert least(colours, pairwise) >= LEAST
    light = greys(colours)
    assert (np.diff(light[:4]) > 3).all()
    assert (np.diff(light[3:]) < -3).all()


def test_colours_of_symbols_stay_apart(screen: Screen) -> None:
    styles = "getComputedStyle(document.documentElement).getPropertyValue('--%s').trim()"
    page = screen.show("toy").page
    signs = ("circle", "square", "triangle", "diamond")
    colours = [page.evaluate(styles % sign) for sign in signs]
    assert least(colours, lambda all_: combinations(all_, 2)) >= LEAST


def test_the_report_s_statuses_stay_apart() -> None:
    colours = [FILLS[status] for status in ("severe", "underserved", "watch")]
    assert least(colours, pairwise) >= LEAST
    assert (np.diff(greys(colours)) > 3).all()


def test_the_report_s_coverage_grows_darker_the_worse_it_is() -> None:
    colours = [COVERAGE[state] for state in ("covered", "uncovered", "unreachable")]
    assert least(colours, pairwise) >= LEAST
    assert (np.diff(greys(colours)) < -20).all()
