// Who gains and who loses by a trial, told over the people affected and never over everybody; how
// evenly minutes are spread before and after; and which sites have to serve more.

/** Points of the area looked at. */
function scopePoints() {
  return pointsWhere(state.county, (township) => inScope(places.county[township]));
}

/** Points of the area over which evenness is told: a county, else the main island. */
function evenPoints() {
  const { universe } = trial.ground;
  return state.county ? scopePoints() : pointsWhere("main island", (township) => universe[township] === 0);
}

function pointsWhere(area, holds) {
  const { scopes, points, township } = trial.ground;
  if (!scopes.has(area)) {
    scopes.set(area, numbersUpTo(points).filter((point) => holds(township[point])));
  }
  return scopes.get(area);
}

/** People of the target group whose own minutes become more, or fewer, between two results. */
function harmOf(before, after, points) {
  const { ground } = trial;
  const people = ground.people[ground.layers[after.id].group];
  const [was, is] = [before.ways, after.ways];
  const found = { longer: { ms: [], people: [] }, shorter: { ms: [], people: [] }, lostWay: 0, gainedWay: 0, lostWithin: 0, gainedWithin: 0, noLongerKnown: 0 };
  for (const point of points) {
    const some = people[point];
    const [near, stays] = [was.coverage[point] === COVERED, is.coverage[point] === COVERED];
    found.lostWithin += near && !stays ? some : 0;
    found.gainedWithin += !near && stays ? some : 0;
    const [knew, knows] = [was.ownSite[point] >= 0, is.ownSite[point] >= 0];
    if (knew && knows) {
      const added = is.ownMs[point] - was.ownMs[point];
      if (added && some) {
        const side = added > 0 ? found.longer : found.shorter;
        side.ms.push(Math.abs(added));
        side.people.push(some);
      }
    } else if (knew !== knows) {
      const unsure = (knew ? is : was).possible[point] >= 0;
      found[unsure ? "noLongerKnown" : knew ? "lostWay" : "gainedWay"] += some;
    }
  }
  return { ...found, longer: affected(found.longer), shorter: affected(found.shorter) };
}

/** People, and mean and 90th percentile of the minutes that a change adds for them or saves them. */
function affected({ ms, people }) {
  const all = people.reduce((sum, some) => sum + some, 0);
  const p90 = quantile(ms, people, inOrder(ms), 0.9);
  return { people: all, mean: meanMinutes(ms, people, all), p90: p90 === null ? null : p90 / MS_PER_MINUTE };
}

function meanMinutes(ms, people, all) {
  const sum = ms.reduce((found, each, at) => found + each * people[at], 0);
  return all ? sum / all / MS_PER_MINUTE : null;
}

/** Sites that people come to by the trial, most first: {id, came, before, after} in people. */
function receiving(before, after) {
  const { ground } = trial;
  const people = ground.people[ground.layers[after.id].group];
  const [was, is] = [peopleOfSites(before.ways, people), peopleOfSites(after.ways, people)];
  const numberBefore = new Map(before.ways.stand.all.map((each, at) => [each.id, at]));
  const earlier = after.ways.stand.all.map((each) => (numberBefore.has(each.id) ? numberBefore.get(each.id) : -1));
  const came = new Float64Array(earlier.length);
  for (let point = 0; point < ground.points; point += 1) {
    const to = after.ways.ownSite[point];
    if (to >= 0 && (earlier[to] < 0 || earlier[to] !== before.ways.ownSite[point])) {
      came[to] += people[point];
    }
  }
  const found = earlier.map((from, to) => ({ id: after.ways.stand.all[to].id, came: came[to], before: from < 0 ? 0 : was[from], after: is[to] }));
  return found.filter((each) => each.came > 0).sort((one, other) => other.came - one.came || (one.id < other.id ? -1 : 1));
}

/** People whose own site each one is, by the numbers of `ways.stand.all`. */
function peopleOfSites(ways, people) {
  const found = new Float64Array(ways.stand.all.length);
  ways.ownSite.forEach((site, point) => {
    if (site >= 0) {
      found[site] += people[point];
    }
  });
  return found;
}

/** Mean, Gini and Lorenz curve of own minutes over the people of `points` whose minutes are told;
 * found once a result. */
function spreadOf({ id, ways, spreads }, points) {
  if (!spreads.has(points)) {
    const everybody = trial.ground.people[trial.ground.layers[id].group];
    const told = points.filter((point) => isTold(ways, point) && everybody[point] > 0);
    const [ms, people] = [told.map((point) => ways.ownMs[point]), told.map((point) => everybody[point])];
    const all = people.reduce((sum, some) => sum + some, 0);
    const order = inOrder(ms);
    spreads.set(points, { people: all, mean: meanMinutes(ms, people, all), gini: giniOf(ms, people, order, all), points: drawnPoints(ms, people, order, all) });
  }
  return spreads.get(points);
}

/** Population-weighted Gini of values, summed over the steps between neighbouring ones:
 * sum F (1 - F) step / mean, F the share of people up to the step (geoplan.access.equity). */
function giniOf(ms, people, order, all) {
  let [upto, spread, mean] = [0, 0, order.length ? ms[order[0]] : 0];
  for (let at = 0; at + 1 < order.length; at += 1) {
    upto += people[order[at]];
    const [share, step] = [upto / all, ms[order[at + 1]] - ms[order[at]]];
    spread += step * share * (1 - share);
    mean += step * (1 - share);
  }
  return mean > 0 ? spread / mean : null;
}

/** The county (in one county: the township) with the least share within, of those of whom it is known. */
function worstWithin(made) {
  const { ground } = trial;
  const sums = new Map();
  places.codes.forEach((code, place) => {
    if (inScope(places.county[place])) {
      const key = state.county ? code : places.county[place];
      const last = sums.get(key) || { near: 0, known: 0 };
      const [near, far, cutOff] = ["covered", "uncovered", "unreachable"].map((name) => made.columns["target_" + name][place]);
      sums.set(key, { near: last.near + near, known: last.known + near + far + cutOff });
    }
  });
  const shares = [...sums].filter(([, { known }]) => known).map(([code, { near, known }]) => ({ code, share: near / known }));
  return shares.sort((one, other) => one.share - other.share || (one.code < other.code ? -1 : 1))[0] || null;
}

/** People whom each site opened, in that order, brings within: of all and of townships the run lists.
 * Counted from the run's own sites and minutes, so that it stands beside the plan's curve. */
function openedCurve(id, opened) {
  const { ground } = trial;
  const layer = ground.layers[id];
  const { ways, columns } = baseResult(id);
  const people = ground.people[layer.group];
  const done = new Uint8Array(ground.points);
  let listed = 0;
  return opened.map((site, at) => {
    for (const point of reachedBy(ground, layer, ground.columnAt.get(site), ways.thresholdMs)) {
      // Of whom it is not known today nobody is said to be gained, as the plan's own curve counts.
      if (!done[point] && [UNCOVERED, UNREACHABLE].includes(ways.coverage[point])) {
        done[point] = 1;
        listed += columns.listed[ground.township[point]] ? people[point] : 0;
      }
    }
    return { sites: at + 1, listed_gain: listed };
  });
}
