"""The one township that a person means."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from geoplan.errors import WrongUsage
from geoplan.finished import Row
from geoplan.gazetteer import fold


def find_township(rows: Sequence[Row], name: str) -> str:
    """The code of the one township called so: by code, full name, English name, or a part.

    Raises:
        WrongUsage: none, or more than one, is called so.
    """
    wanted = fold(name).casefold()
    places = {row["township_code"]: row["county_name"] + row["township_name"] for row in rows}
    names = {
        row["township_code"]: [
            row["township_code"].lstrip("0"),
            fold(places[row["township_code"]]).casefold(),
            fold(f"{row['township_name_en']},{row['county_name_en']}").casefold(),
        ]
        for row in rows
    }
    if name.strip() in places:
        return name.strip()
    for called in (
        [code for code, all_of_it in names.items() if wanted in all_of_it],
        [code for code, (_, own, _) in names.items() if own.endswith(wanted)],
        [code for code, all_of_it in names.items() if any(wanted in part for part in all_of_it)],
    ):
        if len(called) == 1:
            return called[0]
        if called:
            which = "、".join(f"{places[code]} ({code})" for code in called[:12])
            raise WrongUsage("township_many", name=name, which=which)
    near = difflib.get_close_matches(wanted, [own for _, own, _ in names.values()], 5, 0.3)
    if not near:
        raise WrongUsage("township_unlike", name=name)
    raise WrongUsage("township_unknown", name=name, near="、".join(near))
