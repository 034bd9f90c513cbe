// Who gains and who loses by a trial, told over the people affected and never over everybody; how
// evenly minutes are spread before and after; and which sites have to serve more.

/** Points of the area looked at. */
function scopePoints() {
  const { ground } = trial;
  return Array.from({ length: ground.points }, (nothing, point) => point).filter((point) =>
    inScope(places.county[ground.township[point]]),
  );
}

/** People of the target group whose own minutes become more, or fewer, between two results. */
function harmOf(before, after, points) {
  const { ground } = trial;
  const people = ground.people[ground.layers[after.id].group];
  const [was, is] = [before.ways, after.ways];
  const found = { longer: [], shorter: [], lostWay: 0, gainedWay: 0, lostWithin: 0, gainedWithin: 0, noLongerKnown: 0 };
  for (const point of points) {
    const some = people[point];
    const [near, stays] = [was.coverage[point] === COVERED, is.coverage[point] === COVERED];
    found.lostWithin += near && !stays ? some : 0;
    found.gainedWithin += !near && stays ? some : 0;
    const [knew, knows] = [was.ownSite[point] >= 0, is.ownSite[point] >= 0];
    if (knew && knows) {
      const added = is.ownMs[point] - was.ownMs[point];
      if (added && some) {
        (added > 0 ? found.longer : found.shorter).push([Math.abs(added), some]);
      }
    } else if (knew !== knows) {
      const unsure = (knew ? is : was).possible[point] >= 0;
      found[unsure ? "noLongerKnown" : knew ? "lostWay" : "gainedWay"] += some;
    }
  }
  return { ...found, longer: affected(found.longer), shorter: affected(found.shorter) };
}

/** People, and mean and 90th percentile of the minutes that a change adds for them or saves them. */
function affected(pairs) {
  const people = pairs.reduce((sum, [, some]) => sum + some, 0);
  const ms = pairs.reduce((sum, [added, some]) => sum + added * some, 0);
  const p90 = quantile(pairs, 0.9);
  return { people, mean: people ? ms / people / MS_PER_MINUTE : null, p90: p90 === null ? null : p90 / MS_PER_MINUTE };
}

/** Sites that people come to by the trial, most first: {id, came, before, after} in people. */
function receiving(before, after) {
  const { ground } = trial;
  const people = ground.people[ground.layers[after.id].group];
  const found = new Map();
  const of = (id) => found.get(id) || found.set(id, { id, came: 0, before: 0, after: 0 }).get(id);
  for (let point = 0; point < ground.points; point += 1) {
    const [from, to] = [ownId(before.ways, point), ownId(after.ways, point)];
    const some = people[point];
    if (from !== null) {
      of(from).before += some;
    }
    if (to !== null) {
      of(to).after += some;
      of(to).came += from === to ? 0 : some;
    }
  }
  return [...found.values()].filter((each) => each.came > 0).sort((one, other) => other.came - one.came || (one.id < other.id ? -1 : 1));
}

function ownId(ways, point) {
  return ways.ownSite[point] < 0 ? null : ways.stand.all[ways.ownSite[point]].id;
}

/** Mean and Gini of own minutes over the people of `points` whose minutes are told. */
function spreadOf({ id, ways }, points) {
  const { ground } = trial;
  const people = ground.people[ground.layers[id].group];
  const pairs = points.filter((point) => isTold(ways, point) && people[point] > 0).map((point) => [ways.ownMs[point], people[point]]);
  return { people: pairs.reduce((sum, [, some]) => sum + some, 0), mean: affected(pairs).mean, gini: giniOf(pairs) };
}

/** Population-weighted Gini of [value, people], summed over the steps between neighbouring values:
 * sum F (1 - F) step / mean, F the share of people up to the step (geoplan.access.equity). */
function giniOf(pairs) {
  const sorted = [...pairs].sort(([one], [other]) => one - other);
  const whole = sorted.reduce((sum, [, some]) => sum + some, 0);
  let [upto, spread, mean] = [0, 0, sorted.length ? sorted[0][0] : 0];
  for (let at = 0; at + 1 < sorted.length; at += 1) {
    upto += sorted[at][1];
    const [share, step] = [upto / whole, sorted[at + 1][0] - sorted[at][0]];
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
