"""`geoplan report`: the same content in every form, equal to the lists, with nothing that runs."""

from __future__ import annotations

import csv
import dataclasses
import html
import io
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
import pypdf
import pytest
from defusedxml.ElementTree import fromstring
from typer.testing import CliRunner

from geoplan.cli import app
from geoplan.errors import SourceMissing, WrongUsage
from geoplan.export import write_plan
from geoplan.export.lists import make_lists
from geoplan.export.words import Labels, whole
from geoplan.model import Plan
from geoplan.reporting.charts import _ticks
from geoplan.reporting.content import Bullets, Facts, Figure, Report, Section, Table, Text
from geoplan.reporting.fonts import FAMILIES, chinese_fonts
from geoplan.reporting.headline import headline
from geoplan.reporting.html import html_bytes
from geoplan.reporting.numbers import Numbers
from geoplan.reporting.pdf import pdf_bytes
from geoplan.reporting.report import report_of
from geoplan.reporting.service import shortened
from geoplan.reporting.word import docx_bytes
from geoplan.retelling.brief import brief_of
from geoplan.retelling.ground import Ground, of_county, read_ground
from geoplan.retelling.write import Asked, write_report
from geoplan.texts import LANGS, Lang, say
from tests.plans import hostile_plan

PAGE = "<!doctype html><title>no map here</title>"
COUNTY = "01"
HOSTILE = (
    '#panic("run")',
    '#read("/etc/passwd")',
    "*bold* _soft_ $x$ @ref <label>",
    "\\u{41} // gone /* gone */ `raw`",
    "<script>alert(1)</script>&amp;",
    "<svg onload=alert(1)>",
    "{{ 7*7 }}{% raw %}",
    "]]></text><image href='x'/>",
)


@pytest.fixture(scope="module", autouse=True)
def font() -> None:
    """Without a Chinese font there is nothing to test; in CI that is a failure."""
    try:
        chinese_fonts()
    except SourceMissing as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def folder(toy_plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A result as it is written."""
    folder = tmp_path_factory.mktemp("report") / "toy"
    write_plan(toy_plan, PAGE, folder)
    return folder


@pytest.fixture(scope="module")
def ground(folder: Path) -> Ground:
    return read_ground(folder)


def sections(report: Report) -> Iterator[Section]:
    for section in report.sections:
        yield section
        yield from section.parts


def blocks(report: Report, kind: type) -> list[Any]:
    return [each for part in sections(report) for each in part.blocks if isinstance(each, kind)]


def texts_of(pdf: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return re.sub(r"\s", "", "".join(page.extract_text() for page in pages))


def bare(text: str) -> str:
    return re.sub(r"\s", "", text)


def test_the_plan_read_back_tells_what_the_run_told(toy_plan: Plan, ground: Ground) -> None:
    before, after = make_lists(toy_plan), ground.lists
    for name in ("firm", "provisional", "undetermined", "others", "townships", "sites", "totals"):
        assert getattr(after, name).records == getattr(before, name).records
    for layer in toy_plan.study.layers:
        for lang in LANGS:
            then, now = Labels(toy_plan, lang), Labels(ground.plan, lang)
            told = Numbers(after, layer, lang, now).told()
            assert told == Numbers(before, layer, lang, then).told()
            assert headline(after, layer, now) == headline(before, layer, then)


def test_the_counties_together_are_the_nation(ground: Ground) -> None:
    counties = sorted(ground.shapes["county_code"].unique())
    parts = [of_county(ground, code) for code in counties]
    sums = [
        *("target_people", "beyond_firm_people", "beyond_provisional_people", "listed_firm"),
        *("listed_provisional", "undetermined_townships", "listed_firm_people"),
    ]
    for layer in ground.plan.study.layers:
        whole_of = ground.lists.total(layer.id)
        for name in sums:
            assert sum(part.total(layer.id)[name] for part in parts) == whole_of[name]
        for name in ("firm", "provisional", "undetermined", "others", "proposals"):
            rows = [row for part in parts for row in getattr(part, name).of(layer.id)]
            assert len(rows) == len(getattr(ground.lists, name).of(layer.id))


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("county", ["", COUNTY])
def test_counts_and_rows_are_those_of_the_lists(ground: Ground, county: str, lang: Lang) -> None:
    report = report_of(ground.material(county), lang)
    lists = of_county(ground, county) if county else ground.lists
    counted = next(table for table in blocks(report, Table))
    parts = (lists.firm, lists.provisional, lists.undetermined, lists.others)
    assert len(counted.rows) == len(ground.plan.study.layers)
    for row, layer in zip(counted.rows, ground.plan.study.layers, strict=True):
        counts = [len(part.of(layer.id)) for part in parts]
        assert row[1:] == tuple(whole(n, lang) for n in (*counts, sum(counts)))
    tables = {table.caption: table for table in blocks(report, Table)}
    for layer in ground.plan.study.layers:
        for name, listed in zip(("firm", "provisional"), parts, strict=False):
            rows = listed.of(layer.id)
            caption = say(f"reporting.list.{name}", lang, n=whole(len(rows), lang))
            if rows:
                people = [whole(row["beyond_people"], lang) for row in rows]
                assert [row[4] for row in tables[caption].rows] == people
    numbers = Numbers(lists, ground.plan.study.layers[0], lang, Labels(ground.plan, lang)).told()
    first = blocks(report, Facts)[0]
    assert list(first.items) == [(each["name"], each["text"]) for each in numbers]


def test_the_page_of_a_run_is_the_report_of_its_folder(folder: Path, ground: Ground) -> None:
    """What a run tells and what is told from its folder again is the same to the byte."""
    material = dataclasses.replace(ground.material(), maps=False)
    again = html_bytes(*(report_of(material, lang) for lang in LANGS))
    assert (folder / "report.html").read_bytes() == again


def rows_of(folder: Path, name: str, layer: str) -> list[dict[str, str]]:
    """A layer's rows of the county in a list as it was exported, cells as text."""
    with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return [row for row in rows if row["layer"] == layer and row["county_code"] == COUNTY]


def figure(cell: str, digits: int = 0) -> str:
    return f"{float(cell):,.{digits}f}"


def numbers_in(text: str) -> list[str]:
    return re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?", text)


@pytest.mark.parametrize("lang", LANGS)
def test_every_figure_of_a_countys_tables_is_a_cell_of_the_exported_rows(
    folder: Path, ground: Ground, lang: Lang
) -> None:
    report = report_of(ground.material(COUNTY), lang)
    services = report.sections[1 : 1 + len(ground.plan.study.layers)]
    for layer, service in zip(ground.plan.study.layers, services, strict=True):
        towns = rows_of(folder, "townships", layer.id)
        named = {row[f"township_name{'_en' if lang == 'en' else ''}"]: row for row in towns}
        tables = [block for part in service.parts for block in part.blocks]
        listed = [each for each in tables if isinstance(each, Table) and len(each.heads) == 10]
        shown = [cells for each in listed for cells in each.rows]
        assert sorted(cells[1] for cells in shown) == sorted(named)
        for cells in shown:
            row = named[cells[1]]
            assert cells[2] == say(f"status.{row['status']}", lang)
            names = {3: "target_people", 4: "beyond_people", 6: "target_undetermined"}
            names |= {8: "need_percentile", 9: "beyond_people_after"}
            for at, name in names.items():
                assert cells[at] == figure(row[name]), name
            measured, state = row["own_state"] == "measured", f"export.state.{row['own_state']}"
            assert cells[7] == (
                figure(row["own_minutes_mean"], 1) if measured else say(state, lang)
            )
            share = 100 * int(row["beyond_people"]) / max(int(row["target_people"]), 1)
            known = row["beyond_share"] != ""
            assert cells[5] == (f"{share:.1f}%" if known else say("unknown", lang))
        gains = [
            (row["order"], figure(row["listed_gain"]), figure(row["gain"]))
            for row in rows_of(folder, "sites", layer.id)
            if row["status"] == "proposed"
        ]
        areas = [e for e in tables if isinstance(e, Table) and len(e.heads) == 6]
        told = [(c[1], c[3], c[4]) for each in areas for c in each.rows]
        assert sorted(told) == sorted(gains)


@pytest.mark.parametrize("lang", LANGS)
def test_every_number_of_a_countys_findings_is_a_sum_or_count_of_its_rows(
    folder: Path, ground: Ground, lang: Lang
) -> None:
    report = report_of(ground.material(COUNTY), lang)
    services = report.sections[1 : 1 + len(ground.plan.study.layers)]
    for layer, service in zip(ground.plan.study.layers, services, strict=True):
        towns = rows_of(folder, "townships", layer.id)
        known = {f"{layer.minutes:g}"}
        for certainty in ("firm", "provisional"):
            mine = [row for row in towns if row["certainty"] == certainty]
            listed = [row for row in mine if row["listed"] == "true"]
            known.add(str(len(listed)))
            for of in (mine, listed):
                for name in ("beyond_people", "target_undetermined"):
                    known.add(f"{sum(int(row[name]) for row in of):,}")
        known.add(f"{sum(int(row['target_undetermined']) for row in towns):,}")
        known.add(str(sum(row["status"] == "undetermined" for row in towns)))
        words = [b.text for b in service.blocks if isinstance(b, Text)]
        words += [each for b in service.blocks if isinstance(b, Bullets) for each in b.items]
        group = next(each for each in ground.plan.study.groups if each.id == layer.group)
        name = group.name_zh if lang == "zh" else group.name_en
        told = {text: numbers_in(text.replace(name, "")) for text in words}
        assert any(told.values())
        for text, numbers in told.items():
            assert set(numbers) <= known, text
        people = [
            *(f"target_{state}" for state in ("covered", "undetermined", "uncovered")),
            "target_unreachable",
        ]
        stacked = [b for b in service.blocks if isinstance(b, Table)]
        assert len(stacked) == 1
        for state, cells in zip(people, stacked[0].rows, strict=True):
            sums = [
                sum(int(row[state + suffix]) for row in towns if row["certainty"] == certainty)
                for certainty in ("firm", "provisional")
                if any(row["certainty"] == certainty for row in towns)
                for suffix in ("", "_after")
            ]
            assert [cell.partition(" ")[0] for cell in cells[1:]] == [f"{n:,}" for n in sums]


@pytest.mark.parametrize("lang", LANGS)
def test_a_county_is_not_told_as_a_part_of_many(ground: Ground, lang: Lang) -> None:
    page = html_bytes(report_of(ground.material("02"), lang)).decode()
    assert say("report.headline.no_complete_here", lang) in html.unescape(page)
    for key in ("report.where.firm", "report.where.provisional", "report.headline.no_complete"):
        assert say(key, lang) not in page


@pytest.mark.parametrize("lang", LANGS)
def test_figures_say_in_words_what_they_show(ground: Ground, lang: Lang) -> None:
    report = report_of(ground.material(), lang)
    figures = blocks(report, Figure)
    assert len(figures) >= 2 * len(ground.plan.study.layers)
    seen: set[str] = set()
    for figure in figures:
        assert len(figure.alt) > 20
        tree = fromstring(figure.svg)
        ids = {each.get("id") for each in tree.iter() if each.get("id")}
        assert set(re.findall(r"url\(#([^)]+)\)", figure.svg)) <= ids
        assert not ids & seen
        seen |= {each for each in ids if each}
    layer = ground.plan.study.layers[0].id
    rows = ground.lists.townships.of(layer)
    for status in {row["status"] for row in rows}:
        n = sum(row["status"] == status for row in rows)
        word = say(f"status.{status}", lang)
        assert say("reporting.alt.townships", lang, status=word, n=n) in figures[0].alt


@pytest.mark.parametrize("lang", LANGS)
def test_the_pdf_is_tagged_and_says_what_the_content_says(ground: Ground, lang: Lang) -> None:
    report = report_of(ground.material(COUNTY), lang)
    made = pdf_bytes(report)
    assert pdf_bytes(report) == made
    reader = pypdf.PdfReader(io.BytesIO(made))
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == ("zh-TW" if lang == "zh" else "en-GB")
    assert reader.metadata is not None
    assert reader.metadata.title == report.title
    assert str(reader.metadata.creation_date or "1970")[:4] in ("1970", report.date[:4])
    text = texts_of(made)
    for section in sections(report):
        assert bare(section.title) in text
    for source in ground.plan.sources:
        assert source.sha256 in text
    for table in blocks(report, Table):
        assert all(bare(cell) in text for row in table.rows for cell in row)
    assert all(figure.alt in alternatives(reader) for figure in blocks(report, Figure))


def alternatives(reader: pypdf.PdfReader) -> set[str]:
    """Every alternative text of a PDF."""
    told = set()
    for number in range(1, len(reader.xref_objStm) + max(reader.xref[0], default=0) + 1):
        found = reader.get_object(number)
        if isinstance(found, dict) and "/Alt" in found:
            told.add(str(found["/Alt"]))
    return told


@pytest.mark.parametrize("lang", LANGS)
def test_the_document_has_headings_heads_of_tables_and_words_for_pictures(
    ground: Ground, lang: Lang
) -> None:
    report = brief_of(ground, "0101", lang) if lang == "en" else report_of(ground.material(), lang)
    made = docx_bytes(report)
    assert docx_bytes(report) == made
    document = docx.Document(io.BytesIO(made))
    styled = [(each.style.name, each.text) for each in document.paragraphs if each.style]
    titles = [text for name, text in styled if name.startswith("Heading")]
    assert titles == [section.title for section in sections(report)]
    assert document.core_properties.title == report.title
    assert document.core_properties.language == ("zh-TW" if lang == "zh" else "en-GB")
    tables = blocks(report, Table)
    assert len(document.tables) == len(tables)
    for table, told in zip(document.tables, tables, strict=True):
        assert table.rows[0]._tr.xpath("./w:trPr/w:tblHeader")
        assert tuple(cell.text for cell in table.rows[0].cells) == told.heads
        assert tuple(cell.text for cell in table.rows[-1].cells) == told.rows[-1]
    alts = [shape._inline.docPr.get("descr") for shape in document.inline_shapes]
    assert alts == [figure.alt for figure in blocks(report, Figure)]
    styles = document.styles.element
    assert styles.xpath(".//w:rPrDefault/w:rPr/w:lang[@w:eastAsia='zh-TW']")
    assert styles.xpath(".//w:style[@w:styleId='Heading1']/w:rPr/w:rFonts/@w:eastAsia")
    fields = document.element.xpath(".//w:fldSimple/@w:instr")
    assert [each.split()[0] for each in fields] == ([] if report.brief else ["TOC"])
    foot = document.sections[0].footer._element
    assert foot.xpath(".//w:fldSimple/@w:instr") == ["PAGE", "NUMPAGES"]


def test_the_page_has_no_script_and_asks_for_nothing(ground: Ground) -> None:
    for lang in LANGS:
        page = html_bytes(report_of(ground.material(), lang)).decode()
        assert html_bytes(report_of(ground.material(), lang)).decode() == page
        assert "<script" not in page
        assert "default-src 'none'" in page
        assert not re.search(r"""(?:src|href)\s*=\s*["'](?!#)""", page)
        ids = re.findall(r'\sid="([^"]+)"', page)
        assert len(ids) == len(set(ids))


def test_hostile_texts_are_shown_and_never_run(ground: Ground) -> None:
    """In every place that a text can stand, in both forms."""
    report = report_of(ground.material(), "zh")
    figure = blocks(report, Figure)[0]
    told = tuple((text, text) for text in HOSTILE)
    words = Table("".join(HOSTILE), ("甲", "乙"), told)
    hostile = dataclasses.replace(
        report,
        title=HOSTILE[0],
        kind=HOSTILE[2],
        meta=HOSTILE,
        foot=HOSTILE[3],
        sections=(
            Section(HOSTILE[2], (words, Facts(told), dataclasses.replace(figure, alt=HOSTILE[4]))),
        ),
    )
    text = texts_of(pdf_bytes(hostile))
    assert all(bare(each) in text for each in HOSTILE)
    document = docx.Document(io.BytesIO(docx_bytes(hostile)))
    assert [row.cells[0].text for row in document.tables[0].rows][1:] == list(HOSTILE)
    page = html_bytes(hostile).decode()
    assert "<script" not in page
    assert "onload=alert(1)>" not in page.replace("&gt;", "")
    assert "&lt;script&gt;" in page


def test_a_hostile_result_makes_a_report(tmp_path: Path) -> None:
    write_plan(hostile_plan(), PAGE, tmp_path / "hostile")
    asked = Asked(["html", "pdf", "docx"], "zh", out=tmp_path / "out")
    page, pdf, word = write_report(tmp_path / "hostile", asked)
    assert "<script" not in page.read_text("utf-8")
    assert texts_of(pdf.read_bytes())
    told = "".join(docx.Document(str(word)).element.itertext())
    assert '<script>alert("x")</script>' in told
    for svg in re.findall(r"<svg.*?</svg>", page.read_text("utf-8"), re.DOTALL):
        fromstring(svg)


def test_names_of_any_length_script_and_direction_are_shown_in_every_form(ground: Ground) -> None:
    """10,000 letters, emoji, right to left, template marks, control characters: from the rows to
    the page, the PDF and the Word document, as text; a letter that no font has by its number."""
    odd = ["長" * 9_990 + "W" * 10]
    odd += ["😀👩‍👧\u202eمركز\u202c שלום", "${alert(1)} `x` {{7*7}} {% raw %} #eval\x00\x1b\ud7ff"]
    rows = ground.plan.rows.copy()
    mine = sorted(rows.loc[rows["county_code"] == COUNTY, "township_code"].unique())
    for code, name in zip(mine, odd, strict=False):
        rows.loc[rows["township_code"] == code, "township_name"] = name
    lists = of_county(
        dataclasses.replace(ground, plan=dataclasses.replace(ground.plan, rows=rows)), COUNTY
    )
    names = [row["township_name"] for row in lists.townships.records]
    material = dataclasses.replace(ground.material(COUNTY), lists=lists, maps=False)
    report = report_of(material, "zh")
    report = dataclasses.replace(report, sections=report.sections[:2])
    page = html.unescape(html_bytes(report).decode())
    word = "".join(docx.Document(io.BytesIO(docx_bytes(report))).element.itertext())
    pdf = texts_of(pdf_bytes(report))
    assert len(names) >= len(odd)
    assert all(name in page and name in word for name in names)
    for name in ("長" * 50, "WWWWWWWWWW", "😀", "${alert(1)}`x`{{7*7}}{%raw%}#eval", "[U+D7FF]"):
        assert name in pdf
    assert not re.search("[\x00\x1b\u202e\u202c]", page + word)


@pytest.mark.parametrize("lang", LANGS)
def test_a_township_is_told_on_one_page(ground: Ground, lang: Lang) -> None:
    codes = sorted(ground.shapes["township_code"])
    for code in (codes[0], codes[-1]):
        report = brief_of(ground, code, lang)
        made = pdf_bytes(report)
        assert len(pypdf.PdfReader(io.BytesIO(made)).pages) == 1
        text = texts_of(made)
        rows = [row for row in ground.lists.townships.records if row["township_code"] == code]
        assert len(rows) == len(ground.plan.study.layers)
        for row in rows:
            assert bare(row[f"sentence_{lang}"]) in text
            assert say(f"status.{row['status']}", lang).replace(" ", "") in text
            for site in (row["own_site_ids"] or "").split(";")[:3]:
                assert site in text
        assert [row["layer"] for row in rows] == [each.id for each in ground.plan.study.layers]
        alt = blocks(report, Figure)[0].alt
        assert all(say(f"status.{row['status']}", lang) in alt for row in rows)
        assert code in text


def test_without_a_chinese_font_the_package_is_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(SourceMissing, match="fonts-noto-cjk") as told:
        chinese_fonts(tmp_path)
    assert FAMILIES[0] in told.value.tell("zh")
    ran = CliRunner().invoke(app, ["report", str(folder), "--fonts", str(tmp_path)])
    assert ran.exit_code == 5
    assert not (folder.parent / "toy-report").exists()


def test_what_is_absent_is_told_at_once_the_result_first(tmp_path: Path) -> None:
    (tmp_path / "fonts").mkdir()
    nowhere = str(tmp_path / "nowhere")
    for lang in LANGS:
        asked = ["--lang", lang, "report", nowhere, "--fonts", str(tmp_path / "fonts")]
        ran = CliRunner().invoke(app, asked)
        assert ran.exit_code == 5
        assert 0 <= ran.output.index("nowhere") < ran.output.index("fonts-noto-cjk")


def test_no_curve_is_drawn_beyond_its_axis_and_its_numbers_are_round() -> None:
    for people in (1, 4, 9, 10, 99, 101, 8_901, 57_013, 1_117_703):
        ticks = _ticks(people)
        assert ticks[0] == 0 and ticks[-1] >= people > ticks[-2]
        assert 2 <= len(ticks) <= 6
        assert {tick % ticks[1] for tick in ticks} == {0}
        assert str(ticks[1]).strip("0") in ("1", "2", "5")


def test_english_names_on_a_map_lose_the_word_that_they_share() -> None:
    names = {"1": "Laiyi Township", "2": "Wutai Township", "3": "Pingtung City", "4": "東港鎮"}
    assert list(shortened(names).values()) == ["Laiyi", "Wutai", "Pingtung City", "東港鎮"]


def test_the_command_writes_whole_files_where_it_is_told(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "county.html"
    args = ["report", str(folder), "--county", COUNTY, "--format", "html"]
    ran = CliRunner().invoke(app, [*args, "--out", str(out)])
    assert ran.exit_code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["county.html"]
    assert "晨霧郡" in out.read_text("utf-8")
    assert CliRunner().invoke(app, [*args, "--out", str(tmp_path / "x.pdf")]).exit_code == 2
    assert CliRunner().invoke(app, [*args, "--township", "0101"]).exit_code == 2
    one = ["report", str(folder), "--township", "燈臺鎮", "--lang", "en", "--out", str(tmp_path)]
    assert CliRunner().invoke(app, one).exit_code == 0
    assert (tmp_path / "brief-0101-en.pdf").read_bytes().startswith(b"%PDF")
    wrong = ["report", str(folder), "--county", "無此縣", "--format", "html"]
    assert CliRunner().invoke(app, wrong).exit_code == 2


def test_a_changed_result_is_no_ground(folder: Path, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    (copy / "sites.csv").write_bytes((copy / "sites.csv").read_bytes() + b"x")
    with pytest.raises(SourceMissing):
        write_report(copy, Asked(["html"], "zh"))
    with pytest.raises(WrongUsage):
        write_report(folder, Asked(["html"], "zh", county="01", township="0101"))
