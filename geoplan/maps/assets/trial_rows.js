// From ways to the rows of a layer: every column of a township that a trial counts anew, as
// geoplan.results does. What is not here has no value in a trial; it is never the old figure.

const DISTANCE_TESTS = ["distance", "no_site_on_island"];
const SPLIT_NAMES = ["covered", "uncovered", "undetermined", "unreachable"]; // as coverage counts them
const STATE_NAMES = ["measured", "unreachable", "not_applicable", "unknown"];
/** Columns that no trial changes. */
const KEPT = new Set([
  ...["layer", "county_code", "county_name", "county_name_en", "township_code", "township_name", "township_name_en"],
  ...["universe", "region", "rule_id", "rule_version", "population", "target_group", "target_people", "target_modelled"],
  ...["list_completeness", "minutes_from", "need_leading", "per_person_basis", "data_date", "run_id"],
]);

/** The rows of one layer: {columns, values, tests}, each by township. `percentile` is 0..1 or null. */
function triedRows(ground, layerId, ways, percentile) {
  const layer = ground.layers[layerId];
  const rules = ["main_island", "islands"].map((universe) => ground.rules.find((rule) => rule.layer === layerId && rule.universe === universe));
  const p90 = rules.some((rule) => rule.tests.some((test) => test.any_of.flat().some((each) => each.measure === "own_minutes_p90")));
  const missing = new Set(profileOf(layerId)[1].nowhere ? ["need_percentile"] : []);
  const of = { ground, layer, ways, people: ground.people[layer.group], rules, missing, p90, order: testOrder(rules) };
  const records = places.codes.map((code, place) => townshipRow(of, place, percentile[place]));
  const columns = {};
  for (const name of Object.keys(records[0].row)) {
    columns[name] = records.map((each) => each.row[name]);
  }
  return { columns, values: records.map((each) => each.values), tests: records.map((each) => each.tests) };
}

function testOrder(rules) {
  const names = [...new Set(rules.flatMap((rule) => rule.tests.map((test) => test.id)))];
  return [...names.filter((name) => name !== "need"), ...names.filter((name) => name === "need")];
}

function townshipRow(of, place, percentile) {
  const counted = countPeople(of, place, null);
  const value = (each) => ({ ...countedMeasures(each), ...others });
  const need = percentile === null ? { least: -Infinity, most: Infinity } : { least: percentile, most: percentile };
  const others = { need_percentile: need, ...(of.p90 ? { own_minutes_p90: ownP90(of, place) } : {}) };
  const rule = of.rules[of.ground.universe[place]];
  const minutes = of.ways.thresholdMs / MS_PER_MINUTE;
  const values = value(counted);
  const { status, tests } = judged(rule, values, of.missing, minutes);
  const listed = LISTED.includes(status);
  const listedWithout = (spared) => LISTED.includes(judged(rule, value(countPeople(of, place, spared)), of.missing, minutes).status);
  const crossing = listed && !listedWithout(isNear);
  const complete = of.layer.complete[of.ground.county[place]];
  const beyond = rule.minutes === null ? counted.without : counted.beyond;
  const nothingKnown = counted.perhaps >= counted.target;
  const row = {
    status,
    listed,
    certainty: complete && (!listed || listedWithout(isUnlisted)) ? "firm" : "provisional",
    reasons: reasonsOf(of, place, status, tests, crossing).join(";"),
    beyond_people: beyond,
    beyond_share: nothingKnown ? null : beyond / counted.target,
    need_percentile: percentile === null ? null : percentile * 100,
    ...splitOf(of, place),
    ...minutesOf(of, place),
    ...sitesOfTownship(of, place),
  };
  return { row, values, tests };
}

/** Would be near a site across the boundary, if it were theirs. */
function isNear(ways, point) {
  return ways.nearestSite[point] >= 0 && ways.nearestMs[point] <= ways.thresholdMs;
}

/** Could be near a site that a neighbour's list lacks. */
function isUnlisted(ways, point) {
  return ways.unlisted[point] >= 0 && ways.unlisted[point] <= ways.thresholdMs;
}

/** People of the target group of a township; who is `spared` counts as near, whatever is measured. */
function countPeople({ ground, ways, people }, place, spared) {
  const counted = { target: 0, beyond: 0, perhaps: 0, without: 0, perhapsWithout: 0 };
  for (const point of ground.pointsOf[place]) {
    const [some, coverage] = [people[point], ways.coverage[point]];
    const counts = spared === null || !spared(ways, point);
    const cutOff = coverage === UNREACHABLE;
    const unsure = coverage === UNDETERMINED;
    counted.target += some;
    counted.beyond += counts && (coverage === UNCOVERED || cutOff) ? some : 0;
    counted.perhaps += unsure ? some : 0;
    counted.without += counts && cutOff ? some : 0;
    counted.perhapsWithout += unsure && ways.ownSite[point] < 0 ? some : 0;
  }
  return counted;
}

/** The least time that 90 % of the target group do not exceed, from the least it can be to what is measured. */
function ownP90({ ground, ways, people }, place) {
  const points = ground.pointsOf[place];
  const measured = (point) => (ways.ownSite[point] >= 0 ? ways.ownMs[point] : Infinity);
  const possible = (point) => (ways.possible[point] >= 0 ? ways.possible[point] : Infinity);
  const some = points.map((point) => people[point]);
  const p90 = (values) => quantile(values, some, inOrder(values), 0.9);
  return {
    least: p90(points.map((point) => Math.min(measured(point), possible(point)))),
    most: p90(points.map(measured)),
    whole: Number(some.some((each) => each > 0)),
  };
}

/** The numbers 0, 1, 2 ... below `count`. */
function numbersUpTo(count) {
  const numbers = new Int32Array(count);
  for (let number = 0; number < count; number += 1) {
    numbers[number] = number;
  }
  return numbers;
}

/** Places of the values in a list, the least value first, ties by place. Whole numbers are sorted as
 * numbers that hold value and place, which is many times quicker than by comparing. */
function inOrder(values) {
  const { length } = values;
  const order = numbersUpTo(length);
  const both = new Float64Array(length);
  let exact = true;
  for (let place = 0; place < length; place += 1) {
    both[place] = values[place] * length + place;
    exact &&= Number.isSafeInteger(both[place]);
  }
  if (exact) {
    both.sort().forEach((each, at) => (order[at] = each % length));
    return order;
  }
  return order.sort((one, other) => (values[one] < values[other] ? -1 : Number(values[one] > values[other])) || one - other);
}

/** The least value not exceeded by at least `share` of the people, `order` as `inOrder` gives it; null
 * where there is nobody. */
function quantile(values, people, order, share) {
  const wanted = share * people.reduce((sum, some) => sum + some, 0);
  let reached = 0;
  for (const at of order) {
    reached += people[at];
    if (people[at] > 0 && reached >= wanted) {
      return values[at];
    }
  }
  return null;
}

function reasonsOf({ ground, ways, order }, place, status, tests, crossing) {
  const having = (code) => order.filter((name) => tests[name] === code);
  const found = having(RULE_TRUE);
  if (crossing) {
    found.splice(1, 0, "cross_boundary");
  }
  if (status === "not_listed") {
    return [];
  }
  if (status !== "undetermined") {
    return found;
  }
  const gap = ground.pointsOf[place].some((point) => ways.gap[point]);
  const lacks = having(RULE_NOT_KNOWN).map((name) => (!DISTANCE_TESTS.includes(name) ? "no_figure" : gap ? "list_gap" : "no_usable_point"));
  return [...new Set(lacks), ...found];
}

const NEAR_MINUTES = [15, 30, 60];

function splitOf({ ground, ways, people }, place) {
  const target = SPLIT_NAMES.map(() => 0);
  const population = SPLIT_NAMES.map(() => 0);
  const within = NEAR_MINUTES.map(() => 0);
  for (const point of ground.pointsOf[place]) {
    target[ways.coverage[point]] += people[point];
    population[ways.coverage[point]] += ground.population[point];
    for (let at = 0; at < within.length; at += 1) {
      within[at] += ways.ownSite[point] >= 0 && ways.ownMs[point] <= NEAR_MINUTES[at] * MS_PER_MINUTE ? people[point] : 0;
    }
  }
  const row = {};
  SPLIT_NAMES.forEach((name, at) => (row["target_" + name] = target[at]));
  SPLIT_NAMES.forEach((name, at) => (row["population_" + name] = population[at]));
  NEAR_MINUTES.forEach((minutes, at) => (row["target_within_" + minutes] = within[at]));
  return row;
}

function minutesOf(of, place) {
  const { ground, ways, people } = of;
  const sums = { own: 0, ownMs: 0, atMost: 0, near: 0, nearMs: 0, apartMs: 0, sure: 0, within: 0, all: 0 };
  const states = [0, 0, 0, 0];
  const told = { ms: [], people: [] };
  let longest = null;
  for (const point of ground.pointsOf[place]) {
    const some = people[point];
    const own = isTold(ways, point);
    states[own ? 0 : ways.ownSite[point] < 0 && ways.possible[point] < 0 ? 1 : 3] += some;
    sums.all += some;
    if (ways.nearestSite[point] >= 0) {
      sums.near += some;
      sums.nearMs += some * ways.nearestMs[point];
    }
    if (ways.coverage[point] !== UNDETERMINED) {
      sums.sure += some;
      sums.within += some * ways.within[point];
    }
    if (own && some > 0) {
      told.ms.push(ways.ownMs[point]);
      told.people.push(some);
      longest = Math.max(longest, ways.ownMs[point]);
      sums.own += some;
      sums.ownMs += some * ways.ownMs[point];
      sums.apartMs += some * (ways.ownMs[point] - ways.nearestMs[point]);
      sums.atMost += ways.possible[point] >= 0 && ways.possible[point] < ways.ownMs[point] ? some : 0;
    }
  }
  const mean = (ms, some) => (some ? ms / some / MS_PER_MINUTE : null);
  const p90 = quantile(told.ms, told.people, inOrder(told.ms), 0.9);
  const reach = of.layer.per_person === "sites_within_reach";
  return {
    own_state: states[0] ? "measured" : sums.all ? STATE_NAMES[states.indexOf(Math.max(...states))] : "not_applicable",
    own_minutes_mean: mean(sums.ownMs, sums.own),
    own_minutes_p90: p90 === null ? null : p90 / MS_PER_MINUTE,
    own_minutes_max: longest === null ? null : longest / MS_PER_MINUTE,
    own_measured_people: sums.own,
    own_at_most_people: sums.atMost,
    nearest_minutes_mean: mean(sums.nearMs, sums.near),
    own_minus_nearest_minutes: mean(sums.apartMs, sums.own),
    minutes_over_threshold: longest === null ? null : Math.max(longest - ways.thresholdMs, 0) / MS_PER_MINUTE,
    per_person_value: reach && sums.sure && 2 * (sums.all - sums.sure) <= sums.all ? sums.within / sums.sure : null,
  };
}

/** Ids of own and nearest sites, the one most people go to first; and how many stand here. */
function sitesOfTownship({ ground, ways }, place) {
  const { all } = ways.stand;
  const own = new Map();
  const near = new Map();
  const add = (sums, site, people) => site >= 0 && sums.set(site, (sums.get(site) || 0) + people);
  for (const point of ground.pointsOf[place]) {
    add(own, isTold(ways, point) ? ways.ownSite[point] : -1, ground.population[point]);
    add(near, ways.nearestSite[point], ground.population[point]);
  }
  const ids = (sums) =>
    [...sums]
      .sort(([one, some], [other, more]) => more - some || one - other)
      .map(([site]) => all[site].id)
      .join(";");
  return { own_site_ids: ids(own), nearest_site_ids: ids(near), ...standingHere(ways.stand, place) };
}

function standingHere(stand, place) {
  if (!stand.here) {
    stand.here = places.codes.map(() => ({ sites_named: 0, sites_usable: 0 }));
    for (const each of stand.all) {
      if (each.township >= 0 && each.site >= 0) {
        stand.here[each.township].sites_named += 1;
        stand.here[each.township].sites_usable += Number(each.measured);
      }
    }
  }
  return stand.here[place];
}
