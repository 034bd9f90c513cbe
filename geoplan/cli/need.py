"""`geoplan need`: the need index of a table of one's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from geoplan.cli.common import OPTIONS, guarded, note
from geoplan.texts import say


@guarded
def need(
    table: Annotated[
        Path,
        typer.Option(
            help="Places and figures (CSV, Parquet): place_id and the columns the spec names; also "
            "universe, within which places are ranked. A blank figure is not known."
        ),
    ],
    spec: Annotated[
        Path,
        typer.Option(help="The [need] section (TOML), in a file of its own or in a study."),
    ],
    out: Annotated[Path, typer.Option(help="The index to write, .csv or .parquet.")],
    profile: Annotated[
        str | None, typer.Option(help="One profile of the spec (default: all its indicators).")
    ] = None,
) -> None:
    """How needy each place of your own table is, by indicators, weights and a scale you state.

    Writes place_id, percentile, index, state (measured, or unknown where an indicator is missing)
    and each indicator's rank, in the order of the table; 1 is neediest. Weights and effective
    influence are said on standard error, and with --json on standard output.

    \b
    need.toml, a spec; the same keys as [need] of a study:
      normalise = "percentile"   # or "z", "min-max"
      weighting = "given"        # or "equal_per_theme", "entropy", "pca", "ahp"
      weights_sum_to = 1         # optional: given weights must add up to it
      [[indicator]]
      id = "poverty"
      numerator = ["poor"]       # columns, added up
      denominator = "people"     # optional: a rate
      higher_is = "needier"      # or "less_needy"
      weight = 1
      theme = "means"            # for equal_per_theme
      shrink = true              # optional: rates of few people drawn to the mean

    With ahp the indicators are compared in their order, rows against columns:
    pairwise = [[1, 3], ["1/3", 1]].

    \b
    places.csv for it (universe only where there are several):
      place_id,universe,poor,people
      001,main,12,300
      002,main,7,450

    Examples:

    \b
    geoplan need --table places.csv --spec need.toml --out index.csv

    \b
    geoplan --json need --table t.csv --spec my-study.toml --profile means --out index.parquet
    """
    from geoplan.measuring.need import NeedRequest, find_need, told, write_need

    request = NeedRequest(table, spec, out, profile)
    own = find_need(request)
    write_need(request, own)
    about = told(own)
    if not OPTIONS.quiet:
        from geoplan.export.words import note_text

        for each in own.notes:
            note(note_text(each, OPTIONS.lang))
        tell_method(about)
    if OPTIONS.json:
        print(json.dumps({"out": str(out), **about}, ensure_ascii=False, indent=1))
    else:
        print(say("need.written", OPTIONS.lang, out=out, **about))


def tell_method(about: dict[str, Any]) -> None:
    """Scale, weights and effective influence, on standard error."""
    lang = OPTIONS.lang
    scale = say(f"need.scale.{about['normalise']}", lang)
    note(
        say(
            "need.method",
            lang,
            scale=scale,
            weighting=say(f"need.weighting.{about['weighting']}", lang),
        )
    )
    for each in about["indicators"]:
        marks = say("need.mark.county", lang) if each["level"] == "county" else ""
        marks += say("need.mark.shrunk", lang) if each["shrunk"] else ""
        figures = {
            "weight": f"{each['weight'] * 100:.1f}",
            "influence": f"{each['influence'] * 100:.1f}",
            "squared": f"{each['correlation_squared']:.2f}",
        }
        note(say("need.indicator", lang, id=each["id"], marks=marks, **figures))
        if each["influence"] < 0:
            note(say("need.against", lang, id=each["id"]))
    if "consistency_ratio" in about:
        note(say("need.consistency", lang, ratio=f"{about['consistency_ratio']:.3f}"))
    if "explained" in about:
        note(say("need.explained", lang, percent=f"{about['explained'] * 100:.1f}"))
