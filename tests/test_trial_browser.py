"""The trial (what-if) in the council map, in a real browser: its figures are those of geoplan's own
steps for the same trial, through the file that a page opens and saves.
"""

from __future__ import annotations

import csv
import io
import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from geoplan.catalog import read_inputs
from geoplan.door.trial import read_trial
from geoplan.export.files import csv_bytes
from geoplan.export.lists import make_lists
from geoplan.maps import write_page
from geoplan.model import Coverage, Plan
from geoplan.pipeline import Asked, on_trial, plan_inputs
from geoplan.steps import (
    is_usable,
)
from geoplan.study import read_study
from geoplan.tables import ROWS
from geoplan.texts import say
from geoplan.trial import LayerChange, Trial, trial_text
from tests.browsing import NARROW, WIDE, Opened, Screen, Tabs, tab_to
from tests.test_maps import hostile
from tests.trial_land import READ, Land, Wanted, land_of, numbers, some_trials, wanted

PLANS = 200
EDITS = 50
SAVED = LayerChange(("TP02",), ("TC01", "area-0202"), 22.5)
FIXED = Trial({"toy_pantries": SAVED}, {"all_indicators": {"income_median": 0.5}})
MS_PER_MINUTE = 60_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, toy_plan: Plan) -> Path:
    pages = tmp_path_factory.mktemp("trials")
    tried = on_trial(read_inputs(read_study("toy")), FIXED)
    fixed = plan_inputs(tried, asked=Asked(quick=True))
    for name, plan in (("toy", toy_plan), ("hostile", hostile(toy_plan)), ("fixed", fixed)):
        (pages / f"{name}.html").write_text(write_page(plan), "utf-8")
    return pages


def begin(opened: Opened) -> Opened:
    opened.page.click("#trial-begin")
    opened.page.wait_for_selector("#trial:not([hidden])")
    return opened


def quiet(opened: Opened) -> bool:
    """Nothing was asked for and nothing went wrong."""
    return not opened.requests and not opened.complaints


@pytest.fixture(scope="module")
def land() -> Land:
    """The toy country."""
    return land_of(read_inputs(read_study("toy")))


@dataclass(frozen=True)
class Tried:
    """One trial: what the page found for a layer, and a township if asked; and what Python did."""

    found: dict[str, Any]
    wanted: Wanted


class TestAgainstPython:
    @pytest.fixture(scope="class")
    @staticmethod
    def answers(tabs: Tabs, folder: Path, land: Land, toy_plan: Plan) -> list[Tried]:
        shown = Screen(tabs, folder)
        opened = begin(shown.show("toy"))
        codes = land.inputs.townships["township_code"].tolist()
        asked = [
            (layer, trial, "" if turn % 4 else codes[turn // 4 % len(codes)])
            for turn, (layer, trial) in enumerate(some_trials(land.inputs, PLANS))
        ]
        texts = [trial_text(trial, "toy", toy_plan.version) for _, trial, _ in asked]
        opened.lay_out(False)
        found = opened.page.evaluate(
            READ,
            [
                {"text": text, "layer": layer, "place": place}
                for text, (layer, _, place) in zip(texts, asked, strict=True)
            ],
        )
        assert quiet(opened)
        assert {each["told"] for each in found} == {say("page.trial_opened", "zh")}
        shown.close()
        base = {name: land.holds(Trial(), name)[0] for name in ("toy_centres", "toy_pantries")}
        return [
            Tried(answer, wanted(land, base[layer], trial, place, layer))
            for (layer, trial, place), answer in zip(asked, found, strict=True)
        ]

    def test_people_statuses_and_minutes_are_equal(self, answers: list[Tried]) -> None:
        changed = 0
        for each in answers:
            found, python = each.found, each.wanted
            figures = {name: found["figures"][name][-1] for name in python.figures}
            assert figures == python.figures
            changed += found["figures"]["trial_within"][0] != figures["trial_within"]
            rows = [tuple(row) for row in found["rows"] if row[0] != "rank-left"]
            assert sorted(rows) == python.rows
            if python.status:
                assert found["status"] == python.status
                assert numbers(found["three"]) == pytest.approx(python.three, rel=1e-9, abs=1e-9)
        assert changed > PLANS / 2

    def test_the_order_of_the_list_is_that_of_the_rule(self, answers: list[Tried]) -> None:
        for each in answers:
            shown = [code for table, code, _ in each.found["rows"] if table == "rank-firm"]
            assert shown == each.wanted.order

    def test_harm_and_evenness_are_equal(self, answers: list[Tried]) -> None:
        for name in ("harm", "even"):
            for each in answers:
                python = getattr(each.wanted, name)
                shown = numbers(each.found[name])[: len(python)]
                assert shown == pytest.approx(python, rel=1e-9, abs=1e-9)
        assert sum(each.wanted.harm[0] > 0 for each in answers) > PLANS / 4


class TestAdvice:
    @pytest.mark.parametrize("layer", ["toy_centres", "toy_pantries"])
    def test_no_other_site_does_better(self, screen: Screen, land: Land, layer: str) -> None:
        opened = begin(screen.show("toy", f"#layer={layer}"))
        edit = next(each for each in land.inputs.study.layers if each.id == layer)

        def within(change: LayerChange) -> tuple[Any, Any]:
            reached, _, _ = land.holds(Trial({layer: change}), layer)
            return reached.coverage == Coverage.COVERED, reached.people

        near, people = within(LayerChange())
        areas = [f"area-{code}" for code in land.inputs.townships["township_code"]]
        sites = land.inputs.sites[is_usable(land.inputs.sites)]
        beside = sites.loc[sites["layer"].isin(edit.siting.also_at), "site_id"].tolist()
        mine = sites.loc[sites["layer"] == layer, "site_id"].tolist()
        for name, changes, sign in (
            ("next", [LayerChange(open=(each,)) for each in [*areas, *beside]], 1),
            ("worst", [LayerChange(close=(each,)) for each in mine], -1),
        ):
            opened.page.click(f"#trial-{name}")
            opened.page.wait_for_selector(f"#trial-found-{name}")
            told = opened.page.locator(f"#trial-found-{name} data").first.get_attribute("value")
            turned = [within(each)[0] for each in changes]
            best = max(
                people[(after & ~near) if sign > 0 else (near & ~after)].sum() for after in turned
            )
            assert int(told) == best
            assert str(len(changes)) in opened.page.inner_text(f"#trial-found-{name} caption")
        assert quiet(opened)


ALL_FIGURES = """
() => [...document.querySelectorAll('main data')].map((e) => e.value + '|' + e.textContent)
  .concat(['#classes', '#list'].map((where) => document.querySelector(where).textContent))
"""


class TestUndo:
    def test_restores_every_number(self, screen: Screen, land: Land) -> None:
        opened = begin(screen.show("toy", "#layer=toy_pantries"))
        page = opened.page
        drawn = random.Random(5)  # noqa: S311 - a seed, no secret
        states = [page.evaluate(ALL_FIGURES)]
        page.evaluate("document.querySelectorAll('details').forEach((each) => each.open = true)")
        opened.lay_out(False)
        while len(states) <= EDITS:
            page.evaluate(
                """([kind, at, value]) => {
                  const all = (where) => [...document.querySelectorAll(where)];
                  if (kind === 'site') {
                    const buttons = all('#trial-sites button, #trial-changes table button');
                    buttons[at % buttons.length].click();
                  } else if (kind === 'area') {
                    const rows = all('#list tr[data-place] th > button:first-child');
                    if (rows.length) { rows[at % rows.length].click();
                      document.getElementById('trial-here').click();
                      document.getElementById('back').click(); }
                  } else {
                    const sliders = all('#trial-controls input');
                    const slider = sliders[at % sliders.length];
                    slider.value = String(Number(slider.min) + value * (slider.max - slider.min));
                    slider.dispatchEvent(new Event('input'));
                    slider.dispatchEvent(new Event('change'));
                  }
                }""",
                [drawn.choice(["site", "area", "slider"]), drawn.randrange(99), drawn.random()],
            )
            found = page.evaluate(ALL_FIGURES)
            if found != states[-1]:
                states.append(found)
        undone = [states[-1]]
        while page.get_attribute("#trial-undo", "aria-disabled") != "true":
            page.evaluate("document.getElementById('trial-undo').click()")
            undone.append(page.evaluate(ALL_FIGURES))
        assert undone[-1] == states[0]
        assert [each for each in states if each not in undone] == []
        while page.get_attribute("#trial-redo", "aria-disabled") != "true":
            page.evaluate("document.getElementById('trial-redo').click()")
        assert page.evaluate(ALL_FIGURES) == states[-1]
        opened.lay_out(True)
        page.click("#trial-reset")
        assert page.evaluate(ALL_FIGURES) == states[0]
        page.click("#trial-undo")
        assert page.evaluate(ALL_FIGURES) == states[-1]
        assert quiet(opened)

    def test_the_run_stands_as_it_was_once_the_trial_ends(self, screen: Screen) -> None:
        opened = screen.show("toy", "#layer=toy_pantries")
        page = opened.page
        before = page.inner_text("main")
        begin(opened)
        page.evaluate("document.querySelector('#trial-sites button').click()")
        assert page.inner_text("main") != before
        page.click("#trial-end")
        page.select_option("#measure", "status")
        assert page.inner_text("main") == before


DRAWN_ANEW = """
() => {
  const parts = ['list', 'cards', 'classes', 'symbols', 'trial-figures', 'trial-report', 'profile',
    'measure', 'county'].map((id) => document.getElementById(id));
  parts.push(document.getElementById('key-heading'), document.getElementById('trial-lead'));
  const look = () => parts.map((part) => {
    const copy = part.cloneNode(true);  // of which what readers have opened is left out
    copy.querySelectorAll('details').forEach((each) => each.removeAttribute('open'));
    copy.setAttribute('data-chosen', [...part.querySelectorAll('input, option')]
      .map((each) => String(each.checked || each.selected)).join());
    return copy;
  });
  const kept = look();
  parts.forEach((part) => part.replaceChildren());
  dispatchEvent(new Event('hashchange'));
  const anew = look();
  return kept.filter((part, at) => !part.isEqualNode(anew[at])).map((part) => part.id)
    .concat(kept.filter((part) => !part.hidden && !part.hasChildNodes()).map((part) => part.id));
}
"""


class TestDrawingAgain:
    def test_what_stays_in_the_page_is_what_would_be_drawn_anew(self, screen: Screen) -> None:
        opened = begin(screen.show("hostile", "#layer=toy_pantries"))
        page = opened.page
        page.evaluate("document.querySelectorAll('details').forEach((each) => each.open = true)")
        closing = "#trial-sites button"
        for act in (
            (closing, 0),
            (closing, 1),
            ("#list tr[data-place] th > button", 0),
            ("#trial-here", 0),
            ("#trial-changes table button", 0),
            ("#back", 0),
            ("#show-proposed", 0),
            ("#show-proposed", 0),
            ("#language", 0),
            ('.card[data-layer="toy_centres"] button', 0),
            (closing, 2),
            ("#trial-undo", 0),
            ("#trial-reset", 0),
        ):
            page.evaluate("([where, at]) => document.querySelectorAll(where)[at].click()", act)
            assert page.evaluate(DRAWN_ANEW) == [], act
        assert quiet(opened)

    def test_leaves_focus_scroll_position_and_open_details(self, screen: Screen) -> None:
        opened = begin(screen.show("toy", "#layer=toy_pantries"))
        page = opened.page
        page.evaluate("document.querySelectorAll('details').forEach((each) => each.open = true)")
        page.evaluate(
            "const low = new CSSStyleSheet(); document.adoptedStyleSheets = [low];"
            "low.replaceSync('.table-frame { max-height: 3rem; }');"
            "document.querySelector('#trial-sites .table-frame').scrollTop = 20"
        )
        looked = """() => [document.activeElement.id, document.activeElement.textContent,
          document.querySelector('#trial-sites .table-frame').scrollTop,
          document.querySelectorAll('#trial-report details[open]').length]"""
        page.focus("#trial-site-0")
        button, text, scrolled, unfolded = page.evaluate(looked)
        assert (button, scrolled > 0, unfolded > 1) == ("trial-site-0", True, True)
        page.keyboard.press("Enter")
        pressed = page.evaluate(looked)
        assert pressed[1] != text
        assert pressed == [button, pressed[1], scrolled, unfolded]
        page.keyboard.press("Enter")
        assert page.evaluate(looked) == [button, text, scrolled, unfolded]
        page.click("#list tr[data-place] th > button >> nth=0")
        page.focus("#trial-here")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "trial-here"


def told_after(opened: Opened, text: str) -> str:
    page = opened.page
    page.evaluate("document.getElementById('told').textContent = ''")
    file = {"name": "a.trial.json", "mimeType": "application/json", "buffer": text.encode()}
    page.set_input_files("#trial-file", file)
    page.wait_for_selector("#told:not(:empty)")
    told: str = page.inner_text("#told")
    return told


def figures(opened: Opened) -> list[str]:
    found: list[str] = opened.page.locator("#trial-figures data").evaluate_all(
        "(all) => all.map((each) => each.value)"
    )
    return found


class TestTheFile:
    def test_is_that_of_python_and_is_read_by_it(
        self, screen: Screen, land: Land, toy_plan: Plan, tmp_path: Path
    ) -> None:
        opened = begin(screen.show("toy", "#layer=toy_pantries"))
        trial = Trial(FIXED.layers, FIXED.weights, toy_plan.run_id)
        text = trial_text(trial, "toy", toy_plan.version)
        assert told_after(opened, text) == say("page.trial_opened", "zh")
        assert opened.page.inner_text("#trial-unsaved") == ""
        before = figures(opened)
        opened.page.click("#trial-reset")
        assert opened.page.inner_text("#trial-unsaved") != ""
        opened.page.click("#trial-undo")
        assert figures(opened) == before
        with opened.page.expect_download() as download:
            opened.page.click("#trial-save")
        assert download.value.suggested_filename == "toy.trial.json"
        saved = Path(download.value.path()).read_bytes()
        assert saved.decode() == text
        path = tmp_path / "toy.trial.json"
        path.write_bytes(saved)
        assert read_trial(path, land.inputs) == trial

    def test_of_a_page_made_with_a_trial_has_both(
        self, screen: Screen, land: Land, tmp_path: Path
    ) -> None:
        opened = screen.show("fixed", "#layer=toy_pantries")
        assert "＋試算新設 2＋" in opened.page.inner_text('[data-layer="toy_pantries"] .build-out')
        begin(opened)
        opened.page.evaluate("document.querySelector('#trial-sites button').click()")
        assert figures(opened)[:2] == ["1", "0"]
        with opened.page.expect_download() as download:
            opened.page.click("#trial-save")
        path = tmp_path / "more.trial.json"
        path.write_bytes(Path(download.value.path()).read_bytes())
        read = read_trial(path, land.inputs)
        both = LayerChange(("TP01", "TP02"), SAVED.open, SAVED.minutes)
        assert (read.layers, read.weights) == ({"toy_pantries": both}, FIXED.weights)
        before = figures(opened)
        assert told_after(opened, path.read_text("utf-8")) == say("page.trial_opened", "zh")
        assert figures(opened) == before
        assert quiet(opened)

    def test_dropped_on_the_page_begins_a_trial(self, screen: Screen, toy_plan: Plan) -> None:
        opened = screen.show("toy", "#layer=toy_pantries")
        text = trial_text(Trial({"toy_pantries": SAVED}, {}, "another"), "toy", toy_plan.version)
        opened.page.evaluate(
            """(text) => { const carried = new DataTransfer();
            carried.items.add(new File([text], 'a.trial.json'));
            document.body.dispatchEvent(new DragEvent('drop',
              { dataTransfer: carried, bubbles: true, cancelable: true })); }""",
            text,
        )
        opened.page.wait_for_selector("#trial:not([hidden])")
        opened.page.wait_for_selector("#told:has-text('已開啟')")
        assert "another" in opened.page.inner_text("#told")
        assert figures(opened)[:2] == ["1", "2"]
        assert quiet(opened)

    def test_what_is_wrong_is_told_and_changes_nothing(self, screen: Screen) -> None:
        opened = begin(screen.show("toy", "#layer=toy_pantries"))
        opened.page.evaluate("document.querySelector('#trial-sites button').click()")
        before = figures(opened)
        head = {"geoplan": "trial", "format": 1, "study": "toy"}
        layers = {"toy_pantries": {"close": ["TP02"]}}
        long = "長" * 10_000
        for wrong, words in (
            ("", "不是 JSON"),
            ("{", "不是 JSON"),
            ("[]", "不是 geoplan 試算檔"),
            ("null", "不是 geoplan 試算檔"),
            (json.dumps({**head, "format": 2}), "格式為 2"),
            (json.dumps({**head, "study": "tw-2030"}), "屬於研究 tw-2030"),
            (json.dumps({**head, "study": long}), "屬於研究 長長"),
            (json.dumps({**head, "layers": {"nothing": {}}}), "沒有服務 nothing"),
            (json.dumps({**head, "layers": {"__proto__": {}}}), "沒有服務 __proto__"),
            (json.dumps({**head, "layers": [1]}), "layers 的內容不是"),
            (json.dumps({**head, "layers": {"toy_pantries": {"close": ["TP99"]}}}), "TP99"),
            (json.dumps({**head, "layers": {"toy_pantries": {"close": "TP02"}}}), "close"),
            (json.dumps({**head, "layers": {"toy_pantries": {"open": ["TP02"]}}}), "TP02"),
            (
                json.dumps({**head, "layers": {"toy_pantries": {"open": [long]}}}),
                "沒有可新設的候選",
            ),
            (json.dumps({**head, "layers": {"toy_pantries": {"minutes": -1}}}), "門檻 -1"),
            (json.dumps({**head, "layers": {"toy_pantries": {"minutes": "30"}}}), "門檻 30"),
            (json.dumps({**head, "weights": {"nothing": {}}}), "nothing"),
            (json.dumps({**head, "layers": layers, "more": 1}), "不認得的欄位 more"),
            (json.dumps({**head, "layers": {"toy_pantries": {"close": ["TP02", "TP02"]}}}), "重複"),
            ("<img src=x onerror=window.pwned=1>", "不是 JSON"),
            (json.dumps({**head, "study": "<img src=x onerror=window.pwned=1>"}), "<img"),
            ("\x00\x01\x02", "不是 JSON"),
        ):
            told = told_after(opened, wrong)
            assert words in told, (wrong[:80], told[:200])
            assert "現有試算未變更" in told
            assert len(told) < 600
            assert figures(opened) == before
        both = {**head, "format": 3, "study": "other", "layers": {"a": {}, "b": {}}}
        told = told_after(opened, json.dumps(both))
        assert all(part in told for part in ("格式為 3", "屬於研究 other", "服務 a", "服務 b"))
        assert opened.page.evaluate("window.pwned") is None
        assert opened.page.locator("img").count() == 0
        assert quiet(opened)

    def test_unsaved_changes_warn_on_leaving(self, screen: Screen) -> None:
        opened = begin(screen.show("toy", "#layer=toy_pantries"))
        asked: list[str] = []

        def leave(dialog: Any) -> None:
            asked.append(dialog.type)
            dialog.accept()

        opened.page.on("dialog", leave)
        opened.page.reload()
        assert asked == []
        opened.page.wait_for_selector('html[data-ready="yes"]', state="attached")
        begin(opened)
        opened.page.click("#trial-sites summary")
        opened.page.click("#trial-sites button >> nth=0")
        opened.page.reload()
        assert asked == ["beforeunload"]
        opened.page.remove_listener("dialog", leave)


class TestByKeyboard:
    def test_begin_close_open_move_undo_and_save(self, screen: Screen) -> None:
        opened = screen.show("toy", "#layer=toy_pantries")
        page, keys = opened.page, opened.page.keyboard
        tab_to(opened, "e.id === 'trial-begin'")
        keys.press("Enter")
        page.wait_for_selector("#trial:not([hidden])")
        page.wait_for_selector("#trial-heading:focus")
        tab_to(opened, "e.id === 'trial-minutes'")
        keys.press("ArrowRight")
        keys.press("ArrowRight")
        assert page.evaluate("document.activeElement.id") == "trial-minutes"
        assert "32 分鐘" in page.inner_text("#trial-minutes-now")
        tab_to(opened, "e.matches('#list button.link, #list summary')")
        keys.press("Enter")
        if not page.locator("#profile").is_visible():
            tab_to(opened, "e.matches('#list button.link')")
            keys.press("Enter")
        tab_to(opened, "e.id === 'trial-here'")
        keys.press("Enter")
        assert "已新設" in page.inner_text("#told")
        assert page.evaluate("document.activeElement.id") == "trial-here"
        assert figures(opened)[1] == "1"
        tab_to(opened, "e.matches('#trial-sites summary')")
        keys.press("Enter")
        tab_to(opened, "e.matches('#trial-sites button')")
        keys.press("Enter")
        assert "已關閉" in page.inner_text("#told")
        assert page.evaluate("document.activeElement.matches('#trial-sites button')")
        tab_to(opened, "e.id === 'trial-undo'", "Shift+Tab")
        keys.press("Enter")
        assert "已復原" in page.inner_text("#told")
        assert figures(opened)[:2] == ["0", "1"]
        tab_to(opened, "e.id === 'trial-save'")
        with page.expect_download():
            keys.press("Enter")
        assert quiet(opened)

    def test_on_the_map_a_site_is_closed_and_struck_out(self, screen: Screen) -> None:
        opened = begin(screen.show("toy", "#layer=toy_pantries"))
        page = opened.page
        page.evaluate(
            "(() => { let done = false; map_geoplan.eachLayer((each) => {"
            " if (!done && each.options.kind === 'distance' && each.getPopup()) {"
            " each.openPopup(); done = true; } }); })()"
        )
        page.click('.leaflet-popup-content button[data-trial="trial_close"]')
        kinds = page.locator("#symbols .kinds li").evaluate_all(
            "(a) => a.map((e) => e.dataset.kind)"
        )
        assert "shut" in kinds
        assert figures(opened)[0] == "1"


class TestEverybody:
    @pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
    @pytest.mark.parametrize("lang", ["zh", "en"])
    def test_axe_finds_nothing_and_nothing_overflows(
        self, screen: Screen, axe: str, lang: str, size: tuple[int, int], toy_plan: Plan
    ) -> None:
        opened = begin(screen.show("hostile", f"#lang={lang}&layer=toy_pantries", size))
        page = opened.page
        text = trial_text(Trial({"toy_pantries": SAVED}, {}), "toy", toy_plan.version)
        told_after(opened, text)
        for name in ("next", "worst"):
            page.evaluate(f"document.getElementById('trial-{name}').click()")
            page.wait_for_selector(f"#trial-found-{name}")
        for hash_ in ("", "&place=0101"):
            opened.look_at(f"lang={lang}&layer=toy_pantries&measure=difference{hash_}")
            page.evaluate("document.querySelectorAll('details').forEach((e) => e.open = true)")
            assert opened.judged(axe).violations == []
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        assert page.evaluate("window.pwned") is None
        assert quiet(opened)

    def test_what_is_not_counted_anew_is_never_the_old_figure(self, screen: Screen) -> None:
        opened = begin(screen.show("toy", "#layer=toy_centres&place=0101"))
        page = opened.page
        page.evaluate("document.querySelector('#trial-sites button').click()")
        assert page.inner_text("#profile .sentence") == say("page.trial_no_sentence", "zh")
        assert page.locator("#profile .runs, #profile .lift").count() == 0
        for gone in ("loads", "equity", "proposals"):
            assert page.locator(f"#section-{gone}").count() == 0
        options = page.locator("#measure option").evaluate_all("(a) => a.map((e) => e.value)")
        assert set(options) == {
            *("status", "minutes", "beyond", "need", "need_access", "difference")
        }
        assert page.inner_text("#profile .three").count(say("page.trial_uncounted", "zh")) == 1


class TestTheListAsCsv:
    def test_is_the_trial_s_and_says_so(self, screen: Screen, toy_plan: Plan) -> None:
        opened = begin(screen.show("toy", "#layer=toy_pantries"))
        opened.page.evaluate("document.querySelector('#trial-sites button').click()")
        names, *rows = self.saved(opened, "underserved-trial.csv")
        assert names == ["trial", *ROWS.names]
        tried, others = (
            [row for row in rows if (row["layer"] == "toy_pantries") is own]
            for own in (True, False)
        )
        shown = [
            (row.get_attribute("data-place"), row.locator("data").first.get_attribute("value"))
            for table in ("firm", "provisional")
            for row in opened.page.locator(f"#rank-{table} tbody tr").all()
        ]
        assert [(row["township_code"], row["beyond_people"]) for row in tried] == shown
        assert shown
        for row in tried:
            assert row["trial"] == say("page.trial_csv_tried", "zh")
            assert row["run_id"] == toy_plan.run_id
            for gone in ("share_listed", "sentence_zh", "remedies", "e2sfca_per_100k", "rank_low"):
                assert row[gone] == ""
        assert {row["trial"] for row in others} == {say("page.trial_csv_run", "zh")}
        as_run = list(csv.DictReader(io.StringIO(self.of_run(toy_plan), newline="")))
        wanted = [row for row in as_run if row["layer"] != "toy_pantries"]
        assert [{name: row[name] for name in ROWS.names} for row in others] == wanted
        opened.page.click("#trial-end")
        with opened.page.expect_download() as download:
            opened.page.click("#download")
        assert download.value.suggested_filename == "underserved.csv"
        assert Path(download.value.path()).read_bytes().decode("utf-8-sig") == self.of_run(toy_plan)

    @staticmethod
    def of_run(plan: Plan) -> str:
        return csv_bytes(make_lists(plan).underserved).decode("utf-8-sig")

    @staticmethod
    def saved(opened: Opened, name: str) -> list[Any]:
        with opened.page.expect_download() as download:
            opened.page.click("#download")
        assert download.value.suggested_filename == name
        assert name in opened.page.inner_text("#told")
        content = Path(download.value.path()).read_bytes()
        assert content.startswith(b"\xef\xbb\xbf")
        assert content.count(b"\r\n") == content.count(b"\n")
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        return [reader.fieldnames, *reader]
