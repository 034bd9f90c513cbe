"""Rebuild the generated pages of docs/: the columns of every table, and the sources of the data."""

from __future__ import annotations

import tomllib
from pathlib import Path

from geoplan import tables
from geoplan.door.tables import INPUT_TABLES
from geoplan.tables import Table

ROOT = Path(__file__).resolve().parent.parent
HEAD = "<!-- Made by scripts/write_docs.py (make docs); do not edit. -->\n\n"
RESULTS = (
    tables.ROWS,
    tables.VILLAGE_ROWS,
    tables.PLAN_SITES,
    tables.COUNTS,
    tables.LAYER_TOTALS,
    *tables.PROGRAMME,
)
INPUTS = INPUT_TABLES


def columns_page() -> str:
    parts = [HEAD, "# Columns\n"]
    for title, group in (("What a run writes", RESULTS), ("What a study reads", INPUTS)):
        parts.append(f"\n## {title}\n")
        parts += [table_section(table) for table in group]
    return "".join(parts)


def table_section(table: Table) -> str:
    lines = [
        f"\n### {table.id}\n\nKey: {', '.join(table.key)}\n\n",
        "| column | 中文 | meaning | unit | kind | may be empty |\n|---|---|---|---|---|---|\n",
    ]
    for column in table.columns:
        kind = " / ".join(column.choices) if column.choices else column.kind
        empty = "yes" if column.may_be_empty or not column.required else ""
        lines.append(
            f"| {column.name} | {column.zh} | {column.en} | {column.unit} | {kind} | {empty} |\n"
        )
    return "".join(lines)


def sources_page() -> str:
    lines = [
        HEAD,
        "# Sources\n\nMade from the manifests that lie beside the tables of `data/`.\n\n",
        "| table | rows | date | origin | licence |\n|---|---|---|---|---|\n",
    ]
    data = ROOT / "data"
    for path in sorted(data.rglob("*.toml")):
        manifest = tomllib.loads(path.read_text("utf-8"))
        name = path.relative_to(data).with_suffix("").as_posix()
        lines.append(
            f"| {name} | {manifest['rows']} | {manifest['date']} | {manifest['origin']} | "
            f"{manifest['licence']} |\n"
        )
    return "".join(lines)


def main() -> None:
    docs = ROOT / "docs"
    (docs / "columns.md").write_text(columns_page(), encoding="utf-8")
    (docs / "sources.md").write_text(sources_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
