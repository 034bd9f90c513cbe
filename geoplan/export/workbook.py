"""underserved.xlsx: the primary list, for people; every code in words, every text only text."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import xlsxwriter

from geoplan.export import sheets
from geoplan.export.cells import letters_wide
from geoplan.export.lists import Lists
from geoplan.export.sheets import Block, Sheet
from geoplan.export.words import Labels
from geoplan.tables import Column
from geoplan.texts import say

_FORMATS = {
    "people": "#,##0",
    "count": "#,##0",
    "minutes": "0.0",
    "share": "0.0%",
    "number": "#,##0.00",
    "lon": "0.000000",
    "lat": "0.000000",
}
_SMALL = "0.0000"
"""Of numbers below 1, where two decimals would hide what they say."""
_CHANCES = frozenset({"p", "q", "moran_p"})
"""Shares that nobody reads as a percentage."""
_LONGEST = 32_767
"""Characters a cell of a workbook can hold."""
_WIDEST, _NARROWEST, _MEASURED_ROWS = 46, 8, 400
_FONT = "Microsoft JhengHei"
_INK, _GROUND, _RULE = "#1d2b33", "#e3ecee", "#9fb3b8"


def workbook_bytes(lists: Lists) -> bytes:
    """The workbook as bytes; its dates come from the plan's data, so the same plan is the same."""
    sink = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(sink, options)
    plan = lists.plan
    book.set_properties(
        {
            "title": plan.study.title_zh,
            "subject": plan.study.title_en,
            "author": "geoplan",
            "comments": f"geoplan {plan.version} · {plan.run_id}",
            "created": _fixed_date(plan.data_date),
        }
    )
    writer = _Writer(book, Labels(plan, "zh"))
    for sheet in sheets.make_sheets(lists):
        writer.add(sheet)
    book.close()
    return sink.getvalue()


def _fixed_date(data_date: str) -> datetime:
    year, month, day = (*(int(part) for part in data_date.split("-")), 1, 1)[:3]
    return datetime(year, month, day)


@dataclass(slots=True)
class _Writer:
    """Writes sheets into one workbook; a block is a heading in two lines and its rows."""

    book: Any
    labels: Labels
    _made: dict[tuple[tuple[str, Any], ...], Any] = field(default_factory=dict)
    _cells: dict[str, Any] = field(default_factory=dict)  # by number format

    def add(self, sheet: Sheet) -> None:
        page = self.book.add_worksheet(sheet.name)
        page.set_landscape()
        page.set_paper(9)  # A4
        page.fit_to_pages(1, 0)
        page.set_footer("&L&A&R&P / &N")
        widths: dict[int, int] = {}
        row = 0
        for block in sheet.blocks:
            row = self._block(page, block, row, widths) + 2
        for place, width in widths.items():
            page.set_column(place, place, width)
        if len(sheet.blocks) == 1:
            self._list_view(page, sheet.blocks[0])

    def _list_view(self, page: Any, block: Block) -> None:
        page.freeze_panes(2, block.frozen)
        page.repeat_rows(0, 1)
        last = 1 + max(len(block.records), 1)
        page.print_area(0, 0, last, (block.printed or len(block.columns)) - 1)
        if block.records:
            page.autofilter(1, 0, 1 + len(block.records), len(block.columns) - 1)

    def _block(self, page: Any, block: Block, row: int, widths: dict[int, int]) -> int:
        """Write a block from `row` on; the row after its last."""
        if block.title:
            page.write_string(row, 0, block.title, self._format(bold=True, font_size=13))
            row += 1
        head = self._format(
            bold=True, bg_color=_GROUND, text_wrap=True, valign="vcenter", font_color=_INK
        )
        below = self._format(font_color="#5b6b72", bg_color=_GROUND, bottom=1, border_color=_RULE)
        for place, column in enumerate(block.columns):
            page.write_string(row, place, column.zh, head)
            page.write_string(row + 1, place, column.name, below)
            widths[place] = max(widths.get(place, 0), self._width(column, block.records))
        page.set_row(row, 33)
        row += 2
        if not block.records:
            page.write_string(row, 0, say("export.no_rows", "zh"))
            return row + 1
        for record in block.records:
            for place, column in enumerate(block.columns):
                self._cell(page, (row, place), column, record)
            row += 1
        return row

    def _cell(self, page: Any, at: tuple[int, int], column: Column, record: dict[str, Any]) -> None:
        value = self._shown(column, record[column.name])
        if isinstance(value, str):
            page.write_string(*at, value[:_LONGEST], self._cell_format("@"))
        elif value is not None:
            form = _number_format(column, value, str(record.get("unit")))
            page.write_number(*at, value, self._cell_format(form))

    def _shown(self, column: Column, value: Any) -> Any:
        return self.labels.cell(column.name, value)

    def _width(self, column: Column, records: list[dict[str, Any]]) -> int:
        texts: Iterable[Any] = (record[column.name] for record in records[:_MEASURED_ROWS])
        needed = max(
            (letters_wide(str(self._shown(column, text) or "")) for text in texts), default=0
        )
        if column.kind not in ("id", "text", "flag"):
            needed = min(needed, 12)
        # The heading wraps onto two lines; the name below it does not.
        heading = max((letters_wide(column.zh) + 1) // 2, min(len(column.name), 22))
        return int(min(max(needed, heading, _NARROWEST) + 2, _WIDEST))

    def _cell_format(self, form: str) -> Any:
        if form not in self._cells:
            self._cells[form] = self._format(num_format=form, valign="top")
        return self._cells[form]

    def _format(self, **properties: Any) -> Any:
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self.book.add_format({"font_name": _FONT, **properties})
        return self._made[key]


def _number_format(column: Column, value: float, unit: str) -> str:
    """By the kind of the column; a number by the unit of its row, where it has one."""
    if column.name in _CHANCES:
        return _SMALL
    if column.kind == "number":
        if unit == "share":
            return _FORMATS["share"]
        if 0 < abs(value) < 1:
            return _SMALL
    return _FORMATS.get(column.kind, "General")
