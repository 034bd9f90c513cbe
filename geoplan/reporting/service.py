"""One service in a report: findings in plain words, map, charts, lists, proposed areas."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from geoplan.export.lists import Lists, Records
from geoplan.export.words import Labels, decimal, percent, place_name, whole, year_number
from geoplan.reporting.build_up import BuildUp
from geoplan.reporting.charts import Bar, Step, bars_figure, curve_figure
from geoplan.reporting.content import Block, Bullets, Facts, Figure, Section, Table, Text, fitted
from geoplan.reporting.headline import headline, proposed
from geoplan.reporting.legend import Pin
from geoplan.reporting.maps import Asked, map_figure
from geoplan.reporting.numbers import Numbers
from geoplan.reporting.parts import bars as coverage_bars
from geoplan.reporting.stacked import stacked_figure, stacked_table
from geoplan.reporting.sure import HowSure
from geoplan.study import Layer
from geoplan.texts import Lang, say

TOP = 15
"""Townships, and proposed areas, shown of a nation; a county's report has them all."""
MOST_BARS = 24


@dataclass(frozen=True, slots=True)
class Service:
    """Tells one service of `lists`, the nation's or a county's, in one language."""

    whole_nation: Lists
    lists: Lists
    layer: Layer
    labels: Labels
    key: str

    @property
    def lang(self) -> Lang:
        return self.labels.lang

    @property
    def nation(self) -> bool:
        return self.lists is self.whole_nation

    def section(self, maps: bool) -> Section:
        blocks: list[Block] = [*self._headline(), self._numbers()]
        blocks += [self._map()] if maps else []
        blocks += [*self._bars(), *self._stacked()]
        parts = (
            Section(self._say("numbers"), tuple(self._behind())),
            Section(self._say("ranked"), tuple(self._ranked())),
            Section(self._say("proposed"), tuple(self._proposed())),
            Section(say("report.sure.title", self.lang), tuple(self._sure())),
        )
        told = tuple(part for part in parts if part.blocks)
        name = self.labels.layer(self.layer.id)
        return Section(name, tuple(blocks), told, page=True, id=f"service-{self.key}")

    def _say(self, key: str, **values: Any) -> str:
        return say(f"reporting.{key}", self.lang, **values)

    def _heads(self, *names: str) -> tuple[str, ...]:
        return tuple(self._say(f"column.{name}") for name in names)

    def _headline(self) -> Iterator[Block]:
        told = headline(self.lists, self.layer, self.labels)
        yield Text(told["listed"] or told["none"], strong=True)
        for name in ("people", "listed_people"):
            if told[name]:
                yield Text(told[name])
        yield Bullets(tuple(told["apart"]))

    def _numbers(self) -> Facts:
        facts = Numbers(self.lists, self.layer, self.lang, self.labels).told()
        return Facts(tuple((each["name"], each["text"]) for each in facts))

    def _rows(self) -> Records:
        return self.lists.townships.of(self.layer.id)

    def _map(self) -> Figure:
        rows, nation, sites = self._rows(), self.nation, self.lists.sites.of(self.layer.id)
        names = shortened({row["township_code"]: self._short(row) for row in rows})
        if nation:
            names = {row["county_code"]: self.labels.place(row["county_code"]) for row in rows}
        asked = Asked(
            shapes=self.whole_nation.plan.townships,
            inside=frozenset(row["township_code"] for row in rows),
            status={row["township_code"]: row["status"] for row in rows},
            provisional=frozenset(
                row["township_code"] for row in rows if row["certainty"] == "provisional"
            ),
            pins=pins(sites),
            unseen=len([site for site in sites if site["lon"] is None and is_standing(site)]),
            names=names,
            by_county=nation,
        )
        return map_figure(asked, self.layer.id, self.labels, f"{self.key}m")

    def _short(self, row: dict[str, Any]) -> str:
        english = self.lang == "en" and row["township_name_en"]
        return str(english or row["township_name"])

    def _bars(self) -> Iterator[Figure]:
        """People beyond by county, or by township of a county; areas with nobody are left out."""
        groups: dict[str, Records] = {}
        for row in self._rows():
            groups.setdefault(row["county_code" if self.nation else "township_code"], []).append(
                row
            )
        bars = []
        for code, rows in groups.items():
            beyond = sum(row["beyond_people"] for row in rows)
            unknown = sum(row["target_undetermined"] for row in rows)
            name = self.labels.place(code) if self.nation else self._short(rows[0])
            if beyond:
                bars.append(Bar(name, beyond, unknown, rows[0]["certainty"] == "provisional"))
        bars.sort(key=lambda bar: -bar.people)
        if not bars:
            return
        kind = "county" if self.nation else "township"
        values = {
            "group": self.labels.group(self.layer.group),
            "minutes": f"{self.layer.minutes:g}",
        }
        caption = self._say(f"chart.beyond.{kind}", **values)
        if len(bars) > MOST_BARS:
            caption += self._say("chart.first", n=MOST_BARS)
        yield bars_figure(bars[:MOST_BARS], caption, self.lang, f"{self.key}b")

    def _stacked(self) -> Iterator[Block]:
        """People by coverage, today and after the plan: drawn, and as a table."""
        pairs = coverage_bars(self.lists, self.layer, self.lang)
        if pairs:
            caption = say(
                "report.bar.caption",
                self.lang,
                group=self.labels.group(self.layer.group),
                minutes=f"{self.layer.minutes:g}",
            )
            yield stacked_figure(pairs, caption, self.lang, f"{self.key}c")
            yield stacked_table(pairs, self._say("stacked", caption=caption), self.lang)

    def _behind(self) -> Iterator[Table]:
        """What stands behind the numbers: the largest and smallest loads, the need indicators."""
        numbers = Numbers(self.lists, self.layer, self.lang, self.labels)
        loads = numbers.loads()
        if self.nation and loads["rows"]:
            by_county = loads["by_county"]
            where = ("county", "sites") if by_county else ("site", "county")
            caption = say(
                "report.loads.caption_county" if by_county else "report.loads.caption",
                self.lang,
                total=loads["total"],
                lists=say(f"report.loads.{loads['lists']}", self.lang),
            )
            keys = ("name", "sites") if by_county else ("name", "county")
            yield self._plain(
                caption,
                ("rank", *where, "load", "times"),
                [[row[key] for key in ("rank", *keys, "load", "times")] for row in loads["rows"]],
                {0, 3, 4} | ({2} if by_county else set()),
            )
        names = ("name", "direction", "weight", "influence", "level")
        yield self._plain(
            say("report.need.caption", self.lang),
            ("indicator", *names[1:]),
            [[row[name] for name in names] for row in numbers.indicators()],
            {2, 3},
        )

    def _plain(
        self, caption: str, names: Sequence[str], rows: Sequence[Sequence[str]], numeric: set[int]
    ) -> Table:
        heads = tuple(say(f"report.column.{name}", self.lang) for name in names)
        cells = tuple(tuple(row) for row in rows)
        return Table(caption, heads, cells, frozenset(numeric), fitted(heads, cells))

    def _ranked(self) -> Iterator[Block]:
        """Firm, provisional, undetermined as tables of their own; the others of a county too."""
        parts = {
            "firm": self.lists.firm,
            "provisional": self.lists.provisional,
            "undetermined": self.lists.undetermined,
            "others": self.lists.others,
        }
        for name, listed in parts.items():
            rows = listed.of(self.layer.id)
            n = whole(len(rows), self.lang)
            if not rows or (self.nation and name in ("undetermined", "others")):
                yield Text(self._say(f"list.{name}", n=n))
                continue
            shown = rows[:TOP] if self.nation else rows
            caption = self._say(f"list.{name}", n=n)
            if len(shown) < len(rows):
                caption += self._say("list.first", n=len(shown))
            yield self._township_table(caption, shown)

    def _township_table(self, caption: str, rows: Records) -> Table:
        names = ("rank", "place", "status", "people", "beyond", "share", "open", "mean", "needy")
        after = ("after",)
        return Table(
            caption,
            self._heads(*names, *after),
            tuple(self._township_row(at, row) for at, row in enumerate(rows, 1)),
            frozenset({0, 3, 4, 5, 6, 7, 8, 9}),
            (0.9, 3.3, 3.1, 1.6, 1.5, 1.4, 1.5, 1.9, 1.4, 1.5),
        )

    def _township_row(self, at: int, row: dict[str, Any]) -> tuple[str, ...]:
        lang = self.lang
        measured = row["own_state"] == "measured"
        minutes = (
            decimal(row["own_minutes_mean"], lang)
            if measured
            else self.labels.cell("own_state", row["own_state"])
        )
        place = place_name(row, lang) if self.nation else self._short(row)
        return (
            str(at),
            place,
            self.labels.cell("status", row["status"]),
            whole(row["target_people"], lang),
            whole(row["beyond_people"], lang),
            self._share(row),
            whole(row["target_undetermined"], lang),
            minutes,
            decimal(row["need_percentile"], lang, 0),
            whole(row["beyond_people_after"], lang),
        )

    def _share(self, row: dict[str, Any]) -> str:
        """The share beyond; unknown where nothing is known of anybody."""
        if row["beyond_share"] is None:
            return say("unknown", self.lang)
        return percent(row["beyond_people"], row["target_people"], self.lang)

    def _proposed(self) -> Iterator[Block]:
        sites = self.lists.proposals.of(self.layer.id)
        if not sites:
            yield Text(say("report.proposals.none", self.lang))
            return
        yield Text(say("report.proposals.text", self.lang))
        if self.nation:
            count, sentences = proposed(self.lists, self.layer, self.labels)
            asked = (self.lists, self.layer, self.lang, self.labels)
            yield Text(count, strong=True)
            yield Bullets((*sentences, *BuildUp(*asked).sentences()))
            yield from self._curve()
            yield from BuildUp(*asked).tables()
        else:
            gain = whole(sum(site["gain"] for site in sites), self.lang)
            n = whole(len(sites), self.lang)
            yield Text(self._say("proposed.county", n=n, gain=gain), strong=True)
        yield self._sites(sites)

    def _sites(self, sites: Sequence[dict[str, Any]]) -> Table:
        """The proposed areas by year and order."""
        rows = sorted(sites, key=lambda site: (str(site["year"] or ""), site["order"] or 0))
        shown = rows[:TOP] if self.nation else rows
        caption = self._say("sites.caption", n=whole(len(rows), self.lang))
        if len(shown) < len(rows):
            caption += self._say("list.first", n=len(shown))
        return Table(
            caption,
            self._heads("year", "order", "area", "listed_gain", "gain", "conditional"),
            tuple(
                (
                    str(year_number(int(site["year"]), self.lang)) if site["year"] else "",
                    whole(site["order"], self.lang),
                    self.labels.place(site["township_code"]),
                    whole(site["listed_gain"], self.lang),
                    whole(site["gain"], self.lang),
                    self.labels.cell("conditional", bool(site["conditional"])),
                )
                for site in shown
            ),
            frozenset({0, 1, 3, 4}),
            (1, 1, 3.4, 2, 2, 1.6),
        )

    def _curve(self) -> Iterator[Figure]:
        rows = self.lists.details["siting_curve"].of(self.layer.id)
        kind = "listed" if any(row["listed_gain"] for row in rows) else "all"
        people, bound = ("listed_gain", "listed_bound") if kind == "listed" else ("gain",) * 2
        steps = [
            Step(row["sites"], row[people], row[bound] if kind == "listed" else None)
            for row in rows
        ]
        if len(steps) > 1 and any(step.people for step in steps):
            caption = self._say(f"chart.curve.{kind}", minutes=f"{self.layer.minutes:g}")
            yield curve_figure(steps, caption, self.lang)

    def _sure(self) -> Iterator[Block]:
        sure = HowSure(self.lists, self.layer, self.lang, self.labels)
        near = sure.near_misses()
        if sentences := [*sure.shares(), *sure.flips()]:
            yield Text(self._say("sure.counts"))
            yield Bullets(tuple(sentences))
        if near["rows"]:
            heads = (
                *(say(f"report.sure.{name}", self.lang) for name in ("threshold", "today")),
                *(say(f"report.sure.{name}", self.lang) for name in ("lower", "higher")),
            )
            names = ("name", "value", "lower", "higher")
            rows = tuple(tuple(each[name] for name in names) for each in near["rows"])
            yield Table(say("report.sure.caption", self.lang), heads, rows, weights=(3, 1.6, 3, 3))
        if near["still"]:
            yield Text(say("report.sure.still", self.lang, n=near["still"]), small=True)


def shortened(names: dict[str, str]) -> dict[str, str]:
    """English names without the last word where several have the same (`Township`); the map's
    caption says what its areas are."""
    last = Counter(name.rsplit(" ", 1)[1] for name in names.values() if " " in name)
    return {
        code: name.rsplit(" ", 1)[0] if last[name.rsplit(" ", 1)[-1]] > 1 else name
        for code, name in names.items()
    }


def is_standing(site: dict[str, Any]) -> bool:
    return bool(site["status"] == "existing")


def pins(sites: Records) -> list[Pin]:
    """The sites that a map can show; one whose township alone is known is marked so."""
    found = []
    for site in sites:
        if site["lon"] is None or site["lat"] is None or site["status"] == "closed":
            continue
        kind = "existing"
        if site["status"] == "proposed":
            kind = "proposed"
        elif site["point_use"] != "distance":
            kind = "township"
        found.append(Pin(kind, site["lon"], site["lat"]))
    return found
