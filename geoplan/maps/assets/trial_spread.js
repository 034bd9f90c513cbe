// The curve and the classes of a trial, before and after, from the trial's own times: what
// geoplan.results.minutes_spread counts, but for which points of the curve are kept.

const SPREAD_WIDTH = 5; // minutes of a class, doubled until MOST_CLASSES reach far enough
const MOST_CLASSES = 18;
const SPREAD_THRESHOLDS = 3; // from so many times the threshold on, the last class is open
const DRAWN_POINTS = 50;

function classEnds(minutes) {
  let width = SPREAD_WIDTH;
  while (SPREAD_THRESHOLDS * minutes > MOST_CLASSES * width) {
    width *= 2;
  }
  return Array.from({ length: Math.ceil((SPREAD_THRESHOLDS * minutes) / width) }, (nothing, at) => (at + 1) * width);
}

/** Both pictures for the `points` looked at, under the trial's threshold; `spreads`: before, after. */
function triedSpread(layer, [before, after], spreads, points) {
  const ends = classEnds(after.ways.thresholdMs / MS_PER_MINUTE);
  const [was, is] = [before, after].map((made) => classesOfPeople(made, points, ends, after.ways.thresholdMs));
  const classes = is.map((each, at) => ({ ...each, people_before: was[at].people }));
  const curves = spreads.map((spread, at) => ({ ...spread, kind: at ? "after" : "before" }));
  return spreadPair(layer, classes, curves);
}

function classesOfPeople({ id, ways }, points, ends, thresholdMs) {
  const people = trial.ground.people[trial.ground.layers[id].group];
  const classes = [...ends, null].map((upto, at) => ({ state: "measured", over_minutes: at ? ends[at - 1] : 0, upto_minutes: upto, people: 0, people_beyond: 0 }));
  classes.push(...APART.map((state) => ({ state, over_minutes: null, upto_minutes: null, people: 0, people_beyond: 0 })));
  const width = ends[0] * MS_PER_MINUTE;
  for (const point of points) {
    const coverage = ways.coverage[point];
    const told = isTold(ways, point);
    const ms = ways.ownMs[point];
    const apart = coverage === UNREACHABLE ? 0 : coverage === UNDETERMINED ? 1 : 2;
    const number = told ? Math.min(Math.max(Math.ceil(ms / width) - 1, 0), ends.length) : ends.length + 1 + apart;
    classes[number].people += people[point];
    classes[number].people_beyond += (told ? ms > thresholdMs : apart !== 1) ? people[point] : 0;
  }
  return classes;
}

/** A Lorenz curve: where each fiftieth of people is reached, the nearest first. */
function drawnPoints(ms, people, order, everybody) {
  const all = order.reduce((sum, at) => sum + ms[at] * people[at], 0);
  if (!all) {
    return [];
  }
  const drawn = [{ minutes: 0, people_share: 0, minutes_share: 0 }];
  let [upto, spent] = [0, 0];
  order.forEach((at, number) => {
    upto += people[at];
    spent += ms[at] * people[at];
    const ends = number + 1 === order.length || ms[order[number + 1]] > ms[at];
    if (ends && upto * DRAWN_POINTS >= everybody * drawn.length) {
      drawn.push({ minutes: ms[at] / MS_PER_MINUTE, people_share: upto / everybody, minutes_share: spent / all });
    }
  });
  return drawn;
}
