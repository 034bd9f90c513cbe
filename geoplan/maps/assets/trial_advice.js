// Which one further site helps most, and which closure hurts most: every one is tried, so the answer
// is the best there is and has no gap.

const TURNS_AT_ONCE = 12;

/** Points whose people may use a candidate's column and reach it within `thresholdMs`. */
function reachedBy(ground, layer, column, thresholdMs) {
  const county = layer.modes.includes("anyone") ? null : ground.county[ground.columns.township[column]];
  const found = [];
  for (let point = 0; point < ground.points; point += 1) {
    const time = ground.ms[point * ground.width + column];
    if (time >= 0 && time <= thresholdMs && (county === null || ground.county[ground.township[point]] === county)) {
      found.push(point);
    }
  }
  return found;
}

/** Candidates of the area looked at, the one first that brings most people within the threshold, then
 * the one that saves most time, then the lowest id. */
async function bestNext(id, going) {
  const { ground } = trial;
  const layer = ground.layers[id];
  const { ways, edit } = nowResult(id);
  const people = ground.people[layer.group];
  const standing = new Set([...edit.open, ...layer.planned.map((column) => ground.columns.id[column])]);
  const columns = layer.candidates.filter((column) => !standing.has(ground.columns.id[column]) && inScope(places.county[ground.columns.township[column]]));
  const anyone = layer.modes.includes("anyone");
  return tryEach(columns, going, (column) => {
    const county = ground.county[ground.columns.township[column]];
    let [gain, saved] = [0, 0];
    for (let point = 0; point < ground.points; point += 1) {
      const time = ground.ms[point * ground.width + column];
      if (time >= 0 && (anyone || ground.county[ground.township[point]] === county)) {
        gain += time <= ways.thresholdMs && ways.coverage[point] !== COVERED ? people[point] : 0;
        saved += ways.ownSite[point] >= 0 && time < ways.ownMs[point] ? people[point] * (ways.ownMs[point] - time) : 0;
      }
    }
    return { id: ground.columns.id[column], people: gain, ms: saved };
  });
}

/** Sites of the area looked at, the one first whose closing takes most people from within. */
async function worstClosure(id, going) {
  const { ground } = trial;
  const layer = ground.layers[id];
  const { ways, edit } = nowResult(id);
  const people = ground.people[layer.group];
  const served = ways.stand.all.map(() => []);
  for (let point = 0; point < ground.points; point += 1) {
    if (ways.ownSite[point] >= 0) {
      served[ways.ownSite[point]].push(point);
    }
  }
  const sites = ways.stand.all.map((each, at) => at).filter((at) => {
    const { site, measured, county } = ways.stand.all[at];
    return site >= 0 && measured && inScope(counties.codes[county] || "");
  });
  return tryEach(sites, going, (at) => {
    const without = { ...edit, close: [...edit.close, ways.stand.all[at].id] };
    const trying = { ...ways, stand: standing(ground, layer, without) };
    let [lost, added] = [0, 0];
    for (const point of served[at]) {
      const way = ownWay(ground, layer, trying, point);
      lost += ways.coverage[point] === COVERED && way.coverage !== COVERED ? people[point] : 0;
      added += way.site >= 0 ? people[point] * (way.ms - ways.ownMs[point]) : 0;
    }
    return { id: ways.stand.all[at].id, people: lost, ms: added };
  });
}

/** Try one after another, a few at a time so that the page stays alive; null once `going` says no. */
async function tryEach(some, going, turn) {
  const found = [];
  for (let from = 0; from < some.length; from += TURNS_AT_ONCE) {
    found.push(...some.slice(from, from + TURNS_AT_ONCE).map(turn));
    await new Promise((done) => setTimeout(done));
    if (!going()) {
      return null;
    }
  }
  return found.sort((one, other) => other.people - one.people || other.ms - one.ms || (one.id < other.id ? -1 : 1));
}
