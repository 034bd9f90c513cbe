"""The report as DOCX, the form that councils edit: real headings, tables and pictures."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

from geoplan.export.cells import clean
from geoplan.reporting.content import (
    Block,
    Bullets,
    Facts,
    Figure,
    Report,
    Section,
    Table,
    Text,
    on_paper,
)
from geoplan.reporting.pdf import date_of, png_bytes
from geoplan.reporting.svg import ACCENT, SOFT

EAST_ASIAN, LATIN = "Microsoft JhengHei", "Calibri"
"""Fonts that Word has; where they are absent it takes another one with the same letters."""
HEADINGS = ("Title", "Heading 1", "Heading 2")
STYLES = ("Normal", *HEADINGS, "List Bullet", "Caption")
PAGE_CM, MARGIN_CM = (21.0, 29.7), 2.0
TABLE_SMALL = 8
SHADES = ("", "DFEAED", "B5D0D6", "8FBAC3")
ZIP_TIME = (1980, 1, 1, 0, 0, 0)


def docx_bytes(report: Report, fonts: Path | None = None) -> bytes:
    """The report as a Word document; the same report and fonts give the same bytes."""
    from docx import Document

    report = on_paper(report)
    document = Document()
    _set_up(document, report)
    document.add_paragraph(clean(report.kind))
    document.add_heading(clean(report.title), level=0)
    document.add_paragraph("　".join(clean(each) for each in report.meta))
    if not report.brief:
        _contents(document, report)
    for section in report.sections:
        _section(document, section, 1, fonts)
    sink = io.BytesIO()
    document.save(sink)
    return _with_fixed_times(sink.getvalue())


def _set_up(document: Any, report: Report) -> None:
    """Paper, fonts, language and properties; the date is the data's."""
    from docx.shared import Cm, Pt, RGBColor

    page = document.sections[0]
    page.page_width, page.page_height = (Cm(each) for each in PAGE_CM)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Cm(MARGIN_CM)
    for name in STYLES:
        _fonts(document.styles[name])
    document.styles["Normal"].font.size = Pt(10.5)
    document.styles["Normal"].paragraph_format.space_after = Pt(4)
    document.styles["Caption"].font.color.rgb = RGBColor.from_string(SOFT[1:])
    document.styles["Caption"].font.bold = False
    document.styles["Caption"].paragraph_format.space_before = Pt(8)
    for name in HEADINGS:
        document.styles[name].font.color.rgb = RGBColor.from_string(ACCENT[1:])
    _language(document.styles, report)
    _foot(page.footer.paragraphs[0], report)
    about = document.core_properties
    about.title, about.author, about.last_modified_by = clean(report.title), "geoplan", "geoplan"
    about.comments, about.subject = "", clean(report.kind)
    year, month, day = date_of(report)
    about.created = about.modified = datetime(year, month, day)
    about.language = "zh-TW" if report.lang == "zh" else "en-GB"
    about.revision = 1


def _fonts(style: Any) -> None:
    """One font for Latin and one for Chinese letters, instead of those of Word's theme."""
    from docx.oxml.ns import qn

    style.font.name = LATIN
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in list(fonts.attrib):
        if name.endswith("Theme"):
            del fonts.attrib[name]
    for name, font in (("w:ascii", LATIN), ("w:hAnsi", LATIN), ("w:eastAsia", EAST_ASIAN)):
        fonts.set(qn(name), font)


def _language(styles: Any, report: Report) -> None:
    """What the text is written in, for the spelling and for whoever has it read aloud."""
    from docx.oxml.ns import qn

    properties = styles.element.find(".//" + qn("w:rPrDefault") + "/" + qn("w:rPr"))
    for old in properties.findall(qn("w:lang")):
        properties.remove(old)
    language = _element("w:lang")
    language.set(qn("w:val"), "zh-TW" if report.lang == "zh" else "en-GB")
    language.set(qn("w:eastAsia"), "zh-TW")
    properties.append(language)


def _foot(paragraph: Any, report: Report) -> None:
    """What stands on every page, with the number of the page."""
    from docx.shared import Pt

    words = re.split(r"(\{n\}|\{of\})", clean(report.words["page"]))
    fields = {"{n}": "PAGE", "{of}": "NUMPAGES"}
    for part in (clean(report.foot) + "　", *words):
        if part in fields:
            paragraph._p.append(_field(fields[part], "1"))
        elif part:
            paragraph.add_run(part)
    for run in paragraph.runs:
        run.font.size = Pt(TABLE_SMALL)


def _contents(document: Any, report: Report) -> None:
    """The table of contents as a field: Word numbers its pages when asked to (F9), and it holds
    the titles until then."""
    from docx.oxml.ns import qn

    told = document.add_paragraph()
    told.add_run(clean(report.words["contents"])).bold = True
    entry = document.add_paragraph()
    field = _field('TOC \\o "1-2" \\h \\z \\u', "")
    run = field.find(qn("w:r"))
    run.remove(run.find(qn("w:t")))
    for at, section in enumerate(report.sections):
        if at:
            run.append(_element("w:br"))
        text = _element("w:t")
        text.text = clean(section.title)
        run.append(text)
    entry._p.append(field)


def _field(instruction: str, shown: str) -> Any:
    """What Word computes, with what stands there until it does."""
    from docx.oxml.ns import qn

    field, run, text = (_element(name) for name in ("w:fldSimple", "w:r", "w:t"))
    field.set(qn("w:instr"), instruction)
    text.text = shown
    run.append(text)
    field.append(run)
    return field


def _element(name: str) -> Any:
    from docx.oxml.parser import OxmlElement

    return OxmlElement(name)


def _section(document: Any, section: Section, level: int, fonts: Path | None) -> None:
    heading = document.add_heading(clean(section.title), level=level)
    heading.paragraph_format.page_break_before = section.page
    for block in section.blocks:
        _block(document, block, fonts)
    for part in section.parts:
        _section(document, part, level + 1, fonts)


def _block(document: Any, block: Block, fonts: Path | None) -> None:
    match block:
        case Text():
            run = document.add_paragraph().add_run(clean(block.text))
            run.bold = block.strong
        case Bullets():
            for item in block.items:
                document.add_paragraph(clean(item), style="List Bullet")
        case Facts():
            for name, text in block.items:
                paragraph = document.add_paragraph()
                paragraph.add_run(clean(name) + "　").bold = True
                paragraph.add_run(clean(text))
        case Table():
            _table(document, block)
        case Figure():
            _figure(document, block, fonts)


def _table(document: Any, table: Table) -> None:
    """A table whose first row is its head on every page; a row stays on one page."""
    from docx.oxml.ns import qn
    from docx.shared import Cm

    caption = document.add_paragraph(clean(table.caption), style="Caption")
    caption.paragraph_format.keep_with_next = True
    made = document.add_table(rows=1 + len(table.rows), cols=len(table.heads), style="Table Grid")
    made.autofit = False
    weights = table.weights or (1.0,) * len(table.heads)
    widths = [Cm((PAGE_CM[0] - 2 * MARGIN_CM) * each / sum(weights)) for each in weights]
    for at, (row, texts) in enumerate(zip(made.rows, (table.heads, *table.rows), strict=True)):
        properties = row._tr.get_or_add_trPr()
        for name in ("w:cantSplit", *(["w:tblHeader"] if at == 0 else [])):
            properties.append(_element(name))
        for place, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
            cell.width = widths[place]
            _cell(cell.paragraphs[0], text, place in table.numeric, at == 0)
            if at and place and (shade := _shade(table, at - 1, place - 1)):
                _fill(cell, shade)
    look = made._tbl.tblPr.find(qn("w:tblLook"))
    if look is not None:
        look.set(qn("w:firstColumn"), "0")


def _shade(table: Table, row: int, at: int) -> int:
    """The shade of a cell; 0 where it has none."""
    shades = table.shades[row] if table.shades else ()
    return (shades[at] or 0) if at < len(shades) else 0


def _fill(cell: Any, shade: int) -> None:
    from docx.oxml.ns import qn

    fill = _element("w:shd")
    for name, value in (("w:val", "clear"), ("w:color", "auto"), ("w:fill", SHADES[shade])):
        fill.set(qn(name), value)
    cell._tc.get_or_add_tcPr().append(fill)


def _cell(paragraph: Any, text: str, numeric: bool, head: bool) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    run = paragraph.add_run(clean(text))
    run.font.size, run.bold = Pt(TABLE_SMALL), head
    paragraph.paragraph_format.space_after = Pt(0)
    if numeric:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _figure(document: Any, figure: Figure, fonts: Path | None) -> None:
    """The picture with its words for whoever cannot see it, and its caption below."""
    from docx.shared import Cm

    width = Cm((PAGE_CM[0] - 2 * MARGIN_CM) * figure.width)
    shape = document.add_picture(io.BytesIO(png_bytes(figure.svg, fonts)), width=width)
    document.paragraphs[-1].paragraph_format.keep_with_next = True
    shape._inline.docPr.set("descr", clean(figure.alt))
    document.add_paragraph(clean(figure.caption), style="Caption")


def _with_fixed_times(packed: bytes) -> bytes:
    """The same package without the times at which its parts were written."""
    sink = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(packed)) as old,
        zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, old.read(name))
    return sink.getvalue()
