// What the rule says of every township: three-valued and exact, as geoplan.designation. A comparison
// is true if it holds at both ends of what a figure can be, false if at neither, else not known.

const RULE_FALSE = 0;
const RULE_TRUE = 1;
const RULE_NOT_KNOWN = 2;
const LISTED = ["severe", "underserved"];
const COUNTED = ["share_beyond", "people_beyond", "share_without_site_on_island", "people_without_site_on_island", "own_minutes_p90", "need_percentile"];

/** Whether all that the layer's rules compare is counted in the page. */
function canJudge(ground, layerId) {
  const rules = ground.rules.filter((rule) => rule.layer === layerId);
  return rules.every((rule) => rule.tests.every((test) => test.any_of.flat().every((each) => COUNTED.includes(each.measure))));
}

/** Does a sign hold between `end / under` and a fraction, multiplied out? Without people never. */
function holdsAt(end, under, sign, [top, bottom]) {
  const [one, other] = [end * bottom, under * top];
  const holds = { ">=": one >= other, ">": one > other, "<=": one <= other, "<": one < other }[sign];
  return holds && under > 0;
}

/** FALSE, TRUE or NOT_KNOWN of one comparison in a township. */
function compared(comparison, value, minutes) {
  const threshold = comparison.moves && minutes !== null ? [Math.round(minutes * MS_PER_MINUTE), 1] : comparison.threshold;
  const [better, worse] = comparison.worse === "more" ? [value.least, value.most] : [value.most, value.least];
  const fraction = value.whole === undefined;
  const limit = fraction ? [threshold[0] / threshold[1], 1] : threshold;
  const under = fraction ? 1 : value.whole;
  if (holdsAt(better, under, comparison.sign, limit)) {
    return RULE_TRUE;
  }
  return holdsAt(worse, under, comparison.sign, limit) ? RULE_NOT_KNOWN : RULE_FALSE;
}

/** Kleene: `and` is the worst of the parts, `or` the best. */
function allOf(codes) {
  return codes.includes(RULE_FALSE) ? RULE_FALSE : codes.includes(RULE_NOT_KNOWN) ? RULE_NOT_KNOWN : RULE_TRUE;
}

function anyOf(codes) {
  return codes.includes(RULE_TRUE) ? RULE_TRUE : codes.includes(RULE_NOT_KNOWN) ? RULE_NOT_KNOWN : RULE_FALSE;
}

/** The status of a township by its rule, and each test's answer. `values` are the measures there;
 * tests of which one has no data in the layer (`missing`) are no part of the rule. */
function judged(rule, values, missing, minutes) {
  const tests = {};
  for (const test of rule.tests) {
    if (!test.any_of.flat().some((each) => missing.has(each.measure))) {
      tests[test.id] = anyOf(test.any_of.map((sentence) => allOf(sentence.map((each) => compared(each, values[each.measure], minutes)))));
    }
  }
  const first = (codes) => {
    const found = rule.statuses.find(({ sets }) => sets.some((names) => names.every((name) => name in tests && codes.includes(tests[name]))));
    return found ? found.status : "not_listed";
  };
  const surely = first([RULE_TRUE]);
  const perhaps = first([RULE_TRUE, RULE_NOT_KNOWN]);
  const unsure = !LISTED.includes(surely) && surely !== perhaps;
  return { status: unsure ? "undetermined" : surely, tests };
}

/** Measures that count people of a township (`counted`), as least, most and whole. */
function countedMeasures(counted) {
  const far = { least: counted.beyond, most: counted.beyond + counted.perhaps };
  const without = { least: counted.without, most: counted.without + counted.perhapsWithout };
  return {
    share_beyond: { ...far, whole: counted.target },
    people_beyond: { ...far, whole: 1 },
    share_without_site_on_island: { ...without, whole: counted.target },
    people_without_site_on_island: { ...without, whole: 1 },
  };
}

/** Need percentiles 0..1 of the townships by a profile with some of its given weights changed, null where one is missing:
 * the weighted mean of scores, ranked within the universe, ties sharing the lower rank. */
function needPercentiles(ground, profile, changed) {
  const weights = profile.indicators.map((id, at) => (id in changed ? changed[id] : profile.weights[at]));
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  const { universe, mine } = ground.nation;
  const index = universe.map((each, place) => {
    if (profile.score.some((row) => row[place] === null)) {
      return null;
    }
    // Equal sums that differ in the last bit are equal: 12 digits decide a rank.
    return steady(profile.score.reduce((sum, row, at) => sum + (weights[at] / whole) * row[place], 0));
  });
  const rank = ranked(index, universe);
  return mine.map((place) => rank[place]);
}

function steady(value) {
  const scaled = value * 1e12;
  const below = Math.floor(scaled);
  const half = scaled - below === 0.5;
  return (half ? below + (below % 2) : Math.round(scaled)) / 1e12;
}

/** The share of the other places of the same universe with a lower value. */
function ranked(values, universe) {
  const result = values.map(() => null);
  for (const each of new Set(universe)) {
    const members = values.map((value, at) => at).filter((at) => universe[at] === each && values[at] !== null);
    const sorted = Float64Array.from(members, (at) => values[at]).sort();
    const below = new Map();
    sorted.forEach((value, at) => below.has(value) || below.set(value, at));
    members.forEach((at) => {
      result[at] = below.get(values[at]) / Math.max(members.length - 1, 1);
    });
  }
  return result;
}

/** Each comparison of the rule of a row with its value in the trial, as `comparisonsOf` tells them. */
function triedComparisons(made, row) {
  const place = places.at.get(row.township_code);
  const rule = trial.ground.rules.find((each) => each.id === row.rule_id);
  const numbers = rule.tests.flatMap((test) => test.any_of.flat().map((each) => ({ test: test.id, each })));
  const known = ruleOf(row.rule_id).comparisons;
  return known.map((told) => {
    const found = numbers.find(({ test, each }) => test === told.test && each.measure === told.measure && each.sign === told.sign && sameThreshold(each, told));
    const value = made.values[place][told.measure];
    const ends = [value.least, value.most].map((end) => toldValue(end, value.whole, told.unit));
    const threshold = found.each.moves ? made.edit.minutes : told.threshold;
    const holds = HOLDS[compared(found.each, value, made.edit.minutes)];
    return { ...told, threshold, least: ends[0], most: ends[1], holds };
  });
}

/** In what a threshold of the unit as it is written is counted. */
const PER_UNIT = { minutes: MS_PER_MINUTE, percentile: 0.01 };

function sameThreshold({ threshold: [top, bottom] }, told) {
  return Math.abs(top / bottom - told.threshold * (PER_UNIT[told.unit] || 1)) <= 1e-9 * Math.max(1, Math.abs(top / bottom));
}

function toldValue(end, whole, unit) {
  const under = whole === undefined ? 1 : whole;
  return Number.isFinite(end) && end !== null && under > 0 ? end / under / (PER_UNIT[unit] || 1) : null;
}
