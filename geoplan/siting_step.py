"""From a layer's access and list to its proposed sites: the siting problem and its answer."""

from __future__ import annotations

import numpy as np

from geoplan.access.aggregate import sum_by
from geoplan.access.nearest import coverage
from geoplan.errors import BadInput, Fault
from geoplan.model import Bools, Coverage, Inputs, Ints, LayerAccess, Siting, State, TravelMatrix
from geoplan.results.listing import Listing
from geoplan.results.outcome import Ground
from geoplan.siting.bound import gain_bound, listed_bound
from geoplan.siting.greedy import Proposal, mclp_plain, propose
from geoplan.siting.problem import SitingProblem, sparse_pairs
from geoplan.steps import SiteList, layer_sites, positions, threshold_ms
from geoplan.study import Layer


def place_sites(
    layer: Layer,
    ground: Ground,
    places: tuple[SiteList, TravelMatrix],
    found: tuple[LayerAccess, Listing],
    wanted: tuple[int, Ints],
) -> Siting:
    """Where `wanted` = (how many, at least in each county) new sites of the layer should go."""
    _check_minimum(layer, ground.inputs, wanted)
    problem, township = _problem(layer, ground, places, found, wanted)
    best = propose(problem)
    plain = mclp_plain(problem)
    return Siting(
        layer=layer.id,
        candidate_id=best.candidate_id,
        candidate_township=township[best.chosen],
        listed_gain=best.listed_gain,
        gain=best.gain,
        saved_person_ms=best.saved_person_ms,
        listed_bound=listed_bound(problem),
        gain_bound=gain_bound(problem),
        plain_listed_gain=int(plain.listed_gain.sum()),
        plain_gain=int(plain.gain.sum()),
        after_ms=_after_ms(found[0], best),
        after_state=best.after_state,
    )


def _check_minimum(layer: Layer, inputs: Inputs, wanted: tuple[int, Ints]) -> None:
    """The hard minimum of the counties must fit into what is left of the target."""
    count, still_needed = wanted
    if int(still_needed.sum()) <= count:
        return
    short = inputs.counties["county_name"].to_numpy()[still_needed > 0]
    values = {
        "layer": layer.id,
        "needed": int(still_needed.sum()),
        "target": layer.target,
        "count": count,
        "counties": "、".join(short),
    }
    name = f"{inputs.study.id}.toml"
    raise BadInput([Fault("county_minimum", name, (), "siting.county_at_least", values)])


def _problem(
    layer: Layer,
    ground: Ground,
    places: tuple[SiteList, TravelMatrix],
    found: tuple[LayerAccess, Listing],
    wanted: tuple[int, Ints],
) -> tuple[SitingProblem, Ints]:
    """The siting problem, and the township of each candidate."""
    inputs, demand = ground.inputs, ground.demand
    sites, matrix = places
    access, listing = found
    chosen = _candidates(layer, inputs, sites)
    township = sites.township[chosen]
    county_of = positions(inputs.townships["county_code"], inputs.counties["county_code"])
    usable = matrix.reachable[:, chosen]
    if "anyone" not in layer.eligibility:
        usable = usable & (county_of[demand.township][:, None] == county_of[township][None, :])
    indptr, rows, ms = sparse_pairs(matrix.ms[:, chosen], usable)
    state = coverage(access, threshold_ms(layer))
    here = layer_sites(inputs, layer.id)["township"].to_numpy(np.int64)
    has_site = np.bincount(here[here >= 0], minlength=len(inputs.townships)) > 0
    count, still_needed = wanted
    problem = SitingProblem(
        candidate_id=sites.id[chosen],
        indptr=indptr,
        demand=rows,
        ms=ms,
        weight=demand.groups[layer.group],
        listed=listing.listed[demand.township],
        current_ms=_current_ms(access, state),
        current_state=state,
        threshold_ms=threshold_ms(layer),
        count=min(count, len(chosen)),
        group=county_of[township],
        still_needed=still_needed,
        place=township,
        place_has_site=has_site,
        place_people=sum_by(demand.township, len(has_site), demand.groups[layer.group]),
        places_without_first=layer.siting.townships_without_first,
    )
    return problem, township


def _candidates(layer: Layer, inputs: Inputs, sites: SiteList) -> Ints:
    """Columns of the matrix at which a new site of the layer may be proposed."""
    allowed: Bools = np.array([name.startswith("area-") for name in sites.id], bool)
    for other in layer.siting.also_at:
        allowed |= np.isin(sites.id, layer_sites(inputs, other)["site_id"].to_numpy(object))
    return np.flatnonzero(allowed & (sites.township >= 0)).astype(np.int64)


def _current_ms(access: LayerAccess, state: np.ndarray) -> Ints:
    """Own time; where it is surely beyond but not measured, the least it can be."""
    unmeasured = (state == Coverage.UNCOVERED) & (access.own_state != State.MEASURED)
    return np.where(unmeasured, access.possible_ms, access.own_ms)


def _after_ms(access: LayerAccess, best: Proposal) -> Ints:
    """Own time once the proposals stand; -1 where none is measured."""
    measured = (access.own_state == State.MEASURED) & (best.after_state != Coverage.UNDETERMINED)
    newly = (best.after_state == Coverage.COVERED) | (
        (access.own_state == State.UNREACHABLE) & (best.after_state == Coverage.UNCOVERED)
    )
    return np.where(measured | newly, best.after_ms, -1).astype(np.int64)
