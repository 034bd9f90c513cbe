// The trial's own data: minutes from every point to every site and candidate, unpacked when a trial
// is first begun. A row is its difference from the row of an earlier point, a cell of that its
// difference from the cell to its left, zigzag, in four planes of bytes, the lowest first.

/** What a trial computes from; null where the study's table was too large for a page. */
async function readTrialGround() {
  if (!DATA.trial) {
    return null;
  }
  const told = JSON.parse(await inflate(DATA.trial));
  const points = told.points.township.length;
  const columns = told.columns.id.length;
  const planes = await inflateBytes(DATA.times);
  return trialGround(told, unfolded(planes, points, columns, told.points.before));
}

/** The table (points x columns, milliseconds, -1: no way); sums are taken modulo 2^32. */
function unfolded(planes, points, columns, before) {
  const cells = points * columns;
  const ms = new Int32Array(cells);
  for (let point = 0; point < points; point += 1) {
    const start = point * columns;
    const earlier = before[point] < 0 ? -1 : before[point] * columns;
    let sum = 0;
    for (let column = 0; column < columns; column += 1) {
      const at = start + column;
      const folded = planes[at] | (planes[cells + at] << 8) | (planes[2 * cells + at] << 16) | (planes[3 * cells + at] << 24);
      sum = (sum + ((folded >>> 1) ^ -(folded & 1))) | 0;
      ms[at] = earlier < 0 ? sum : sum + ms[earlier + column];
    }
  }
  return ms;
}

function trialGround(told, ms) {
  const numbers = (list) => Int32Array.from(list);
  const layers = Object.entries(told.layers).map(([id, layer]) => [id, trialLayer(layer)]);
  const ground = {
    ms,
    columns: told.columns,
    columnAt: new Map(told.columns.id.map((id, at) => [id, at])),
    width: told.columns.id.length,
    points: told.points.township.length,
    township: numbers(told.points.township),
    population: numbers(told.points.population),
    people: Object.fromEntries(Object.entries(told.points.people).map(([id, people]) => [id, numbers(people)])),
    pointsOf: pointsOf(told.points.township),
    scopes: new Map(), // area -> its points
    universe: told.universe,
    pointAt: new Map(told.points.village.map((code, point) => [code, point])),
    nation: told.nation || { universe: told.universe, mine: told.universe.map((each, at) => at) },
    elsewhere: told.elsewhere || {}, // names of what stands in other counties, on a county's page
    county: places.county.map((code) => counties.at.get(code)),
    layers: Object.fromEntries(layers),
    need: told.need,
    fixed: told.fixed || {}, // the trial that the page itself was made with
    rules: Object.entries(told.rules).map(([id, rule]) => ({ id, ...rule })),
  };
  return { ...ground, judged: new Set(Object.keys(ground.layers).filter((id) => canJudge(ground, id))) };
}

/** The points of each township. */
function pointsOf(township) {
  const found = places.codes.map(() => []);
  township.forEach((place, point) => found[place].push(point));
  return found;
}

/** A layer with its sites by township and county, so that whose they are need not be looked for. */
function trialLayer(layer) {
  const { sites } = layer;
  const numbers = sites.id.map((id, at) => at);
  const byCounty = counties.codes.map((code, county) => numbers.filter((site) => sites.county[site] === county));
  const serving = places.codes.map(() => []);
  numbers.forEach((site) => {
    for (const township of (sites.serves && sites.serves[site]) || []) {
      serving[township].push(site);
    }
  });
  return { ...layer, all: numbers, byCounty, serving, siteAt: new Map(sites.id.map((id, at) => [id, at])) };
}
