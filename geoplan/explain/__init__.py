"""Why a township is on the list, read from a finished result: nothing is computed again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geoplan.explain.facts import layer_facts
from geoplan.explain.finding import find_township
from geoplan.explain.sources import sources_of
from geoplan.explain.telling import tell
from geoplan.finished import Row, read_finished
from geoplan.tables import ROWS
from geoplan.texts import Lang

__all__ = ["Explanation", "explain_township"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """One township over all layers: its rows, what is known of each layer, and that in words."""

    township_code: str
    rows: list[Row]
    layers: list[dict[str, Any]]
    sources: list[dict[str, Any]]
    text: str

    def as_dict(self) -> dict[str, Any]:
        return {
            "township_code": self.township_code,
            "layers": self.layers,
            "sources": self.sources,
            "rows": self.rows,
        }


def explain_township(folder: Path, name: str, lang: Lang) -> Explanation:
    """Explain the township called `name` (county and name, name alone, or code) from `folder`.

    Raises:
        SourceMissing: the folder holds no finished result, or not one of this version.
        WrongUsage: no township, or more than one, is called so.
    """
    finished = read_finished(folder, ROWS.names)
    code = find_township(finished.rows, name)
    rows = [row for row in finished.rows if row["township_code"] == code]
    layers = layer_facts(finished, rows)
    sources = sources_of(finished, rows[0])
    return Explanation(code, rows, layers, sources, tell(finished, layers, sources, lang))
