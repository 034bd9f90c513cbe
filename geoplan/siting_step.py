"""From a layer's access and list to its proposed sites: the question of siting and its answer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from geoplan.access.aggregate import sum_by
from geoplan.access.nearest import coverage
from geoplan.errors import BadInput, Fault
from geoplan.model import Bools, Codes, Coverage, Inputs, Ints, LayerAccess, State, TravelMatrix
from geoplan.phasing_spec import new_by_year
from geoplan.programme import Standing
from geoplan.results.listing import Listing
from geoplan.results.outcome import Ground
from geoplan.siting.build_out import BuildOut, sparse_pairs
from geoplan.siting.location import Effort
from geoplan.siting.proposal import Siting, propose
from geoplan.steps import SiteList, layer_sites, threshold_ms
from geoplan.study import Layer
from geoplan.trial import AREA, PLANNED


def effort_of(ground: Ground) -> Effort:
    """How long one question of the plan may take; a quick run proves no bounds by prices.

    The solver is the one that is always there, so that a plan does not depend on another.
    """
    return Effort(seconds=30, solver="highs", proof=not ground.quick)


def place_sites(
    layer: Layer,
    ground: Ground,
    places: tuple[SiteList, TravelMatrix],
    found: tuple[LayerAccess, Listing],
    standing: Standing,
) -> Siting:
    """Where the new sites of the layer should go, year by year where the study names years."""
    build = _build_out(layer, ground, places, found, standing)
    _check_minimum(layer, ground.inputs, build)
    proposal = propose(build, effort_of(ground))
    phasing = ground.inputs.study.phasing
    after_ms = told_ms(found[0], proposal.after_ms, proposal.after_state)
    return Siting(
        layer=layer.id,
        build=build,
        proposal=replace(proposal, after_ms=after_ms),
        years=phasing.years if phasing else (),
    )


def _check_minimum(layer: Layer, inputs: Inputs, build: BuildOut) -> None:
    """The hard minimum of the counties must fit into what is left of the target, and the counties'
    candidates."""
    needed, count = build.still_needed, build.by_year[-1]
    room = np.bincount(build.county, minlength=len(needed))
    short = needed > (room if int(needed.sum()) <= count else 0)
    if not short.any():
        return
    values = {
        "layer": layer.id,
        "needed": int(needed.sum()),
        "target": layer.target,
        "count": count,
        "counties": "、".join(inputs.counties["county_name"].to_numpy()[short]),
    }
    name = f"{inputs.study.id}.toml"
    code = "county_minimum" if int(needed.sum()) > count else "county_minimum_sites"
    raise BadInput([Fault(code, name, (), "siting.county_at_least", values)])


def _build_out(
    layer: Layer,
    ground: Ground,
    places: tuple[SiteList, TravelMatrix],
    found: tuple[LayerAccess, Listing],
    standing: Standing,
) -> BuildOut:
    inputs, demand = ground.inputs, ground.demand
    sites, matrix = places
    access, listing = found
    chosen = candidate_columns(layer, inputs, sites)
    township = sites.township[chosen]
    county_of = ground.county
    usable = matrix.reachable[:, chosen]
    if "anyone" not in layer.eligibility:
        usable = usable & (county_of[demand.township][:, None] == county_of[township][None, :])
    indptr, rows, ms = sparse_pairs(matrix.ms[:, chosen], usable)
    state = coverage(access, threshold_ms(layer))
    here = layer_sites(inputs, layer.id)["township"].to_numpy(np.int64)
    has_site = np.bincount(here[here >= 0], minlength=len(inputs.townships)) > 0
    phasing = inputs.study.phasing
    by_year = new_by_year(
        layer, len(phasing.years) if phasing else 1, standing.to_place, standing.before
    )
    return BuildOut(
        candidate_id=sites.id[chosen],
        indptr=indptr,
        demand=rows,
        ms=ms,
        weight=demand.groups[layer.group],
        listed=listing.listed[demand.township],
        current_ms=_current_ms(access, state),
        current_state=state,
        threshold_ms=threshold_ms(layer),
        by_year=tuple(min(count, len(chosen)) for count in by_year),
        listed_weight=phasing.listed_weight if phasing else 1,
        county=county_of[township],
        still_needed=standing.still_needed(layer.siting.county_at_least),
        place=township,
        place_has_site=has_site,
        place_people=sum_by(demand.township, len(has_site), demand.groups[layer.group]),
        first_sites=layer.siting.townships_without_first,
    )


def candidate_columns(layer: Layer, inputs: Inputs, sites: SiteList) -> Ints:
    """Columns of the matrix at which a new site of the layer may be proposed: where none of a trial
    stands."""
    allowed: Bools = np.array([name.startswith(AREA) for name in sites.id], bool)
    for other in layer.siting.also_at:
        theirs = layer_sites(inputs, other)
        theirs = theirs[theirs["status"] != PLANNED]
        allowed |= np.isin(sites.id, theirs["site_id"].to_numpy(object))
    here = layer_sites(inputs, layer.id)
    allowed &= ~np.isin(sites.id, here.loc[here["status"] == PLANNED, "site_id"].to_numpy(object))
    return np.flatnonzero(allowed & (sites.township >= 0)).astype(np.int64)


def _current_ms(access: LayerAccess, state: np.ndarray) -> Ints:
    """Own time; where it is surely beyond but not measured, the least it can be."""
    unmeasured = (state == Coverage.UNCOVERED) & (access.own_state != State.MEASURED)
    return np.where(unmeasured, access.possible_ms, access.own_ms)


def told_ms(access: LayerAccess, ms: Ints, state: Codes) -> Ints:
    """Own time (n,) once proposals stand, from `openings.after`; -1 where none is measured."""
    measured = (access.own_state == State.MEASURED) & (state != Coverage.UNDETERMINED)
    newly = (state == Coverage.COVERED) | (
        (access.own_state == State.UNREACHABLE) & (state == Coverage.UNCOVERED)
    )
    return np.where(measured | newly, ms, -1).astype(np.int64)
