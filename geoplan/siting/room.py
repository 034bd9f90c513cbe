"""What a plan gives where a site serves no more people than it has room for.

As `insight`, but who goes where is found anew for every set of open sites: so that most people find
room within the threshold (any way at all, where there is none), by the shortest ways in all.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from geoplan.model import Ints
from geoplan.siting.capacitated import capacitated_cover, capacity_of
from geoplan.siting.insight import PlanSites, Service, Yardstick, plan_sites
from geoplan.siting.location import LocationProblem
from geoplan.siting.serving import ways_between

_MOST_FLOW = 2**31 - 1  # people that the maximum flow can count


def flow_to(problem: LocationProblem, yardstick: Yardstick, opened: Ints) -> Ints:
    """Demand point, site and people (m, 3) when the sites `opened` alone are open."""
    is_open = np.zeros(problem.sites, np.bool_)
    is_open[opened] = True
    only = replace(
        problem,
        fixed=is_open,
        forbidden=~is_open,
        at_least=None,
        at_most=None,
        cost=None,
        budget=None,
        least_share=None,
        apart=None,
    )
    limit = yardstick.threshold_ms
    longest = int(problem.ms.max(initial=0)) if limit is None else limit
    flow = capacitated_cover(only, longest, len(opened)).served if len(opened) else None
    return np.zeros((0, 3), np.int64) if flow is None else flow


def most_with_room(problem: LocationProblem, yardstick: Yardstick, opened: Ints) -> int:
    """How many find room when the sites `opened` alone are open: a maximum flow (Dinic 1970)."""
    limit, whole = yardstick.threshold_ms, int(problem.weight.sum())
    if whole >= _MOST_FLOW:
        return service_with_room(problem, yardstick, flow_to(problem, yardstick, opened)).people
    is_open = np.zeros(problem.sites, np.bool_)
    is_open[opened] = True
    point = np.repeat(np.arange(problem.points), np.diff(problem.start))
    kept = is_open[problem.site] & (problem.weight[point] > 0)
    kept &= True if limit is None else problem.ms <= limit
    source, sink = problem.points + problem.sites, problem.points + problem.sites + 1
    here, room = np.flatnonzero(problem.weight), np.minimum(capacity_of(problem)[opened], whole)
    tail = np.concatenate([np.full(len(here), source), point[kept], problem.points + opened])
    site = problem.points + problem.site[kept]
    head = np.concatenate([here, site, np.full(len(opened), sink)])
    most = np.concatenate([problem.weight[here], problem.weight[point[kept]], room])
    size = (sink + 1, sink + 1)
    network = sparse.csr_array((most.astype(np.int32), (tail, head)), shape=size)
    return int(csgraph.maximum_flow(network, source, sink, method="dinic").flow_value)


def service_with_room(problem: LocationProblem, yardstick: Yardstick, flow: Ints) -> Service:
    """Who is served when people go as `flow` (m, 3) says."""
    point, site, people = flow.T
    ms = ways_between(problem, point, site)
    limit = yardstick.threshold_ms
    near = people if limit is None else np.where(ms <= limit, people, 0)
    most = flow[np.lexsort((site, -people, point))]
    first = np.ones(len(most), np.bool_)
    first[1:] = np.diff(most[:, 0]) > 0
    by = np.full(problem.points, -1, np.int32)
    by[most[first, 0]] = most[first, 1]
    way = ways_between(problem, np.arange(problem.points), by.astype(np.int64))

    def by_point(amount: Ints) -> Ints:
        total = np.zeros(problem.points, np.int64)
        np.add.at(total, point, amount)
        return total

    return Service(by, way, by_point(near), by_point(people), by_point(people * ms))


def sites_with_room(problem: LocationProblem, yardstick: Yardstick, chosen: Ints) -> PlanSites:
    """The sites of a plan in the order in which they would open if all had room; gains and losses
    are people who find room, and no minutes (the ways of others may grow longer with a site)."""
    order = plan_sites(problem, yardstick, chosen)
    nothing = np.zeros(len(chosen), np.int64)

    def people(opened: Ints) -> int:
        return most_with_room(problem, yardstick, opened)

    turns = range(len(chosen))
    upto = np.array([people(order.site[:at]) if at else 0 for at in (*turns, len(chosen))])
    without = np.array([people(np.delete(order.site, at)) for at in turns], np.int64)
    return replace(
        order,
        gain_people=np.where(order.order > 0, np.diff(upto), 0),
        gain_person_ms=nothing,
        loss_people=upto[-1] - without,
        loss_person_ms=nothing,
    )
