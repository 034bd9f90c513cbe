// How far everybody is from their own and from the nearest site, with some sites closed and some
// candidates opened: the arithmetic of geoplan.access on the same integers. Rows are points, columns
// are sites; ties go to the lowest id. Nothing is kept between two edits but the ways with nothing changed.

const MS_PER_MINUTE = 60000;
const COVERED = 0;
const UNCOVERED = 1;
const UNDETERMINED = 2;
const UNREACHABLE = 3;
const FAR = 2147483647;

/** Sites that stand in one layer, by `edit` = {close, open, minutes}: names and columns in the order
 * of their ids; `places` says for each township which of them its people may use. */
function standing(ground, layer, edit) {
  const closed = new Set(edit.close);
  const stands = (site) => !closed.has(layer.sites.id[site]);
  const existing = layer.all.filter((site) => stands(site)).map((site) => ({
    id: layer.sites.id[site],
    site,
    column: layer.sites.column[site],
    measured: layer.sites.measured[site],
    township: layer.sites.township[site],
    county: layer.sites.county[site],
  }));
  const opened = [...layer.planned.map((column) => ground.columns.id[column]), ...edit.open].map((id) => {
    const column = ground.columnAt.get(id);
    const township = ground.columns.township[column];
    const county = township < 0 ? -1 : ground.county[township]; // -1: of a county that the page is not of
    return { id, site: -1, column, measured: true, township, county };
  });
  const all = [...existing, ...opened].sort((one, other) => (one.id < other.id ? -1 : Number(one.id > other.id)));
  const number = new Map(all.map((each, at) => [each, at]));
  const ofSite = new Map(existing.map((each) => [each.site, number.get(each)]));
  const anyone = layer.modes.includes("anyone");
  const made = new Map();
  const places = ground.county.map((county, township) => {
    const { key, sites } = whose(layer, stands, township, county);
    const name = key + (anyone ? "" : " in " + county);
    if (!made.has(name)) {
      const beside = opened.filter((each) => anyone || each.county === county).map((each) => number.get(each));
      const mine = [...sites.filter(stands).map((site) => ofSite.get(site)), ...beside].sort((one, other) => one - other);
      made.set(name, { key: name, assigned: key.startsWith("service_area"), ...usable(all, mine) });
    }
    return made.get(name);
  });
  return { all, places, everywhere: usable(all, all.map((each, at) => at)) };
}

/** Numbers and columns of those that are measured to; columns of those whose place is not known. */
function usable(all, mine) {
  const measured = mine.filter((at) => all[at].measured);
  return {
    sites: Int32Array.from(measured),
    columns: Int32Array.from(measured, (at) => all[at].column),
    existing: Uint8Array.from(measured, (at) => Number(all[at].site >= 0)),
    unsure: Int32Array.from(new Set(mine.filter((at) => !all[at].measured && all[at].column >= 0).map((at) => all[at].column))),
  };
}

/** The existing sites of a township's people by the first mode that holds there: one of whose sites
 * `stands`. Where a published area names closed sites only and no further mode is given, the county's
 * other sites stand in. */
function whose(layer, stands, township, county) {
  const modes = {
    service_area: { key: "service_area " + township, sites: layer.serving[township] },
    county: { key: "county " + county, sites: layer.byCounty[county] },
    anyone: { key: "anyone", sites: layer.all },
  };
  const found = layer.modes.map((mode) => modes[mode]).find(({ sites }) => sites.some(stands));
  if (found) {
    return found;
  }
  const closedOnly = layer.modes.every((mode) => mode === "service_area") && layer.serving[township].length;
  return closedOnly ? modes.county : { key: "none", sites: [] };
}

/** Ways of every point: own and nearest site (numbers in `stand.all`, -1: none) and milliseconds,
 * the least to one of unknown place, how many are within (where the layer tells it), the coverage.
 * `base`: the ways with nothing changed, from which the nearest sites are found sooner; or null. */
function waysOf(ground, layer, edit, base) {
  const stand = standing(ground, layer, edit);
  const ways = {
    stand,
    since: base && sinceBase(base, stand),
    thresholdMs: Math.round(edit.minutes * MS_PER_MINUTE),
    ownSite: new Int32Array(ground.points),
    ownMs: new Int32Array(ground.points),
    nearestSite: new Int32Array(ground.points),
    nearestMs: new Int32Array(ground.points),
    possible: new Int32Array(ground.points),
    unlisted: new Int32Array(ground.points),
    gap: new Uint8Array(ground.points),
    within: new Int32Array(ground.points),
    coverage: new Uint8Array(ground.points),
  };
  for (let point = 0; point < ground.points; point += 1) {
    wayOf(ground, layer, ways, point);
  }
  return ways;
}

/** The own site of a point among `ways.stand`: number (-1: none), milliseconds, and its coverage. */
function ownWay(ground, layer, ways, point) {
  const { ms, width } = ground;
  const township = ground.township[point];
  const place = ways.stand.places[township];
  const start = point * width;
  const at = leastAt(ms, start, place.columns);
  const ownMs = at < 0 ? 0 : ms[start + place.columns[at]];
  // Where no existing site is found and the county's list has gaps, the own one may stand next door; a
  // site that is opened says nothing of what the list lacks.
  const gaps = !place.assigned && !layer.complete[ground.county[township]];
  const gap = gaps && !place.columns.some((column, each) => place.existing[each] && ms[start + column] >= 0);
  const unsure = leastAt(ms, start, place.unsure);
  const possible = gap ? 0 : unsure < 0 ? -1 : ms[start + place.unsure[unsure]];
  const coverage = coverageOf(at >= 0, ownMs, possible, ways.thresholdMs);
  return { site: at < 0 ? -1 : place.sites[at], ms: ownMs, gap, possible, coverage };
}

/** Where among the columns the least time stands, the first of equals; -1 where there is no way. */
function leastAt(ms, start, columns) {
  let [found, least] = [-1, FAR];
  for (let at = 0; at < columns.length; at += 1) {
    const time = ms[start + columns[at]];
    if (time >= 0 && time < least) {
      least = time;
      found = at;
    }
  }
  return found;
}

/** How many of the columns are within the threshold. */
function countWithin(ms, start, columns, thresholdMs) {
  let within = 0;
  for (let at = 0; at < columns.length; at += 1) {
    const time = ms[start + columns[at]];
    within += time >= 0 && time <= thresholdMs ? 1 : 0;
  }
  return within;
}

function wayOf(ground, layer, ways, point) {
  const place = ways.stand.places[ground.township[point]];
  const own = ownWay(ground, layer, ways, point);
  ways.ownSite[point] = own.site;
  ways.ownMs[point] = own.ms;
  ways.within[point] = layer.per_person === "sites_within_reach" ? countWithin(ground.ms, point * ground.width, place.columns, ways.thresholdMs) : 0;
  ways.gap[point] = Number(own.gap);
  ways.possible[point] = own.possible;
  ways.coverage[point] = own.coverage;
  ways.unlisted[point] = layer.unlisted < 0 || place.assigned ? -1 : ground.ms[point * ground.width + layer.unlisted];
  nearestOf(ground, ways, point, place);
}

function nearestOf(ground, ways, point, place) {
  const { everywhere } = ways.stand;
  if (place.columns.length === everywhere.columns.length) {
    ways.nearestSite[point] = ways.ownSite[point];
    ways.nearestMs[point] = ways.ownMs[point];
    return;
  }
  const { since } = ways;
  const start = point * ground.width;
  const was = since ? since.base.nearestSite[point] : -1;
  const still = was < 0 ? -1 : since.numberNow[was];
  const among = since && (was < 0 || still >= 0) ? since.added : everywhere;
  const at = leastAt(ground.ms, start, among.columns);
  const [site, ms] = at < 0 ? [-1, 0] : [among.sites[at], ground.ms[start + among.columns[at]]];
  const kept = still >= 0 && (site < 0 || since.base.nearestMs[point] < ms || (since.base.nearestMs[point] === ms && still < site));
  ways.nearestSite[point] = kept ? still : site;
  ways.nearestMs[point] = kept ? since.base.nearestMs[point] : ms;
}

/** What stands otherwise than with nothing changed: the number now of each site then (-1: closed), and
 * the sites that were added. A nearest site that still stands is the nearest of all that stood. */
function sinceBase(base, stand) {
  const { all, everywhere } = stand;
  const now = new Map(all.map((each, at) => [each.id, at]));
  const then = new Set(base.stand.all.map((each) => each.id));
  const added = [...everywhere.sites.keys()].filter((at) => !then.has(all[everywhere.sites[at]].id));
  return {
    base,
    numberNow: base.stand.all.map((each) => (now.has(each.id) ? now.get(each.id) : -1)),
    added: { sites: Int32Array.from(added, (at) => everywhere.sites[at]), columns: Int32Array.from(added, (at) => everywhere.columns[at]) },
  };
}

function coverageOf(measured, ownMs, possible, threshold) {
  if (measured && ownMs <= threshold) {
    return COVERED;
  }
  if (possible >= 0 && possible <= threshold) {
    return UNDETERMINED;
  }
  return measured || possible >= 0 ? UNCOVERED : UNREACHABLE;
}

/** Whether a point's own minutes are told: measured, and surely on one side of the threshold. */
function isTold(ways, point) {
  return ways.ownSite[point] >= 0 && ways.coverage[point] !== UNDETERMINED;
}
