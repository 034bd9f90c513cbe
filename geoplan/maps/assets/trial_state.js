// The trial: what is tried, what was tried before (undo, redo), and what comes of it. A state is one
// plain value that is never changed; results are computed anew from it whenever it is another one.

const NOTHING_TRIED = { layers: {}, weights: {} };
const trial = { on: false, ground: null, past: [NOTHING_TRIED], at: 0, saved: NOTHING_TRIED, turning: null, looked: {} };
const madeOf = new Map(); // layer id -> {key, made}: the latest result
const waysMade = new Map(); // layer id -> {key, ways}: the latest, which no weight changes
const baseOf = new Map(); // layer id -> the result with nothing changed

function tried() {
  return trial.past[trial.at];
}

/** Changes of one layer in a state: {close, open, minutes}, with the layer's own minutes where none
 * are tried. Ids stand in the order in which they were chosen. */
function editOf(spec, id) {
  const edit = spec.layers[id] || {};
  return { close: edit.close || [], open: edit.open || [], minutes: edit.minutes === undefined ? ownMinutes(id) : edit.minutes };
}

function ownMinutes(id) {
  return DATA.layers.find((layer) => layer.id === id).minutes;
}

function profileOf(layerId) {
  return Object.entries(trial.ground.need).find(([, profile]) => profile.layers.includes(layerId));
}

function weightsOf(spec, layerId) {
  return spec.weights[profileOf(layerId)[0]] || {};
}

/** The state with some changes of a layer put in; what says nothing is left out. */
function withEdit(spec, id, changes) {
  const { close, open, minutes } = { ...editOf(spec, id), ...changes };
  const layers = { ...spec.layers };
  delete layers[id];
  const edit = {
    ...(close.length ? { close } : {}),
    ...(open.length ? { open } : {}),
    ...(minutes === ownMinutes(id) ? {} : { minutes }),
  };
  return { ...spec, layers: Object.keys(edit).length ? { ...layers, [id]: edit } : layers };
}

function withWeight(spec, profileId, indicator, weight) {
  const profile = trial.ground.need[profileId];
  const mine = { ...spec.weights[profileId], [indicator]: weight };
  const kept = profile.indicators.filter((id, at) => id in mine && mine[id] !== profile.weights[at]);
  const weights = { ...spec.weights };
  delete weights[profileId];
  return { ...spec, weights: kept.length ? { ...weights, [profileId]: Object.fromEntries(kept.map((id) => [id, mine[id]])) } : weights };
}

/** Go on to a state; while one handle is turned (`turning`) its steps are one change. */
function tryOut(spec, turning) {
  const goesOn = turning && trial.turning === turning;
  const past = trial.past.slice(0, goesOn ? trial.at : trial.at + 1);
  trial.past = [...past, spec];
  trial.at = past.length;
  trial.turning = turning || null;
  drawAll(new Set(["trial"]));
}

function stepTrial(by) {
  const at = trial.at + by;
  if (at < 0 || at >= trial.past.length) {
    return false;
  }
  trial.at = at;
  trial.turning = null;
  drawAll(new Set(["trial"]));
  return true;
}

function resetTrial() {
  if (specText(tried()) !== specText(NOTHING_TRIED)) {
    tryOut(NOTHING_TRIED);
  }
}

function isUnsaved() {
  return specText(tried()) !== specText(trial.saved);
}

/** What came of the layer in the trial; null where there is no trial or it changes nothing here. */
function triedLayer(id) {
  if (!trial.on) {
    return null;
  }
  if (trial.looked.spec !== tried()) {
    trial.looked = { spec: tried(), found: new Map() };
  }
  const { spec, found } = trial.looked;
  if (!found.has(id)) {
    const changed = id in spec.layers || Object.keys(weightsOf(spec, id)).length > 0;
    found.set(id, changed && canTry(id) ? resultOf(id) : null);
  }
  return found.get(id);
}

function canTry(id) {
  return Boolean(trial.ground) && trial.ground.judged.has(id);
}

function resultOf(id) {
  const spec = tried();
  const key = JSON.stringify([editOf(spec, id), weightsOf(spec, id)]);
  const last = madeOf.get(id);
  if (last && last.key === key) {
    return last.made;
  }
  const made = resultFor(id, editOf(spec, id), weightsOf(spec, id));
  madeOf.set(id, { key, made });
  return made;
}

/** The result with nothing changed: what every figure is compared with. */
function baseResult(id) {
  if (!baseOf.has(id)) {
    baseOf.set(id, resultFor(id, editOf(NOTHING_TRIED, id), {}));
  }
  return baseOf.get(id);
}

/** The trial's result in a layer, whether it changes anything there or not. */
function nowResult(id) {
  return triedLayer(id) || baseResult(id);
}

function resultFor(id, edit, weights) {
  const { ground } = trial;
  const ways = latestWays(id, edit);
  const [, profile] = profileOf(id);
  const percentile = Object.keys(weights).length ? needPercentiles(ground, profile, weights) : profile.percentile;
  return { id, edit, ways, views: new Map(), rows: new Map(), spreads: new Map(), ...triedRows(ground, id, ways, percentile) };
}

function latestWays(id, edit) {
  const key = JSON.stringify(edit);
  const last = waysMade.get(id);
  if (last && last.key === key) {
    return last.ways;
  }
  const base = baseOf.get(id);
  const ways = waysOf(trial.ground, trial.ground.layers[id], edit, base ? base.ways : null);
  waysMade.set(id, { key, ways });
  return ways;
}

let TriedRow = null;

/** The row of a township in a layer that is tried; its cells are null for what a trial does not count. */
function triedRow(made, number) {
  TriedRow ||= reading(new Set([...Object.keys(rowTable), ...Object.keys(made.columns)]), (name) => {
    const kept = KEPT.has(name);
    return ({ made: { columns }, place, number: at }) => (columns[name] ? columns[name][place] : kept ? rowTable[name][at] : null);
  });
  return Object.assign(new TriedRow(number), { made, place: places.at.get(rowTable.township_code[number]) });
}

/** People of the target group gained within the threshold in the township of a row; lost below 0. */
function peopleGained(row) {
  if (!triedLayer(row.layer)) {
    return 0;
  }
  return row.target_covered - baseRow(row).target_covered;
}

/** The row with nothing changed, counted as the trial counts: without the draws' own status. */
function baseRow(row) {
  return canTry(row.layer) ? triedRow(baseResult(row.layer), row.number) : new RunRow(row.number);
}

const EDGES_IN_MINUTES = { minutes: "edges", village_minutes: "edges", need_access: "minutes_edges" };
const TRIED_MEASURES = ["status", "minutes", "beyond", "need", "need_access", "sites_within_reach", "village_minutes", "village_coverage"];

/** A layer as the trial leaves it: its minutes, the measures that are counted anew, its headlines. */
function viewedLayer(layer) {
  if (!trial.on) {
    return layer;
  }
  const differences = [...villageMeasures(layer), { id: "difference", column: "target_covered" }];
  const made = triedLayer(layer.id);
  if (!made) {
    return { ...layer, measures: [...layer.measures, ...differences] };
  }
  const scaled = (edge) => (edge / layer.minutes) * made.edit.minutes;
  const measures = layer.measures
    .filter((measure) => TRIED_MEASURES.includes(measure.id))
    .map((measure) => {
      const edges = EDGES_IN_MINUTES[measure.id];
      return edges ? { ...measure, [edges]: measure[edges].map(scaled) } : measure;
    });
  const headline = new Proxy(layer.headline, { get: (of, county) => triedHeadline(made, county, of) });
  return { ...layer, minutes: made.edit.minutes, measures: [...measures, ...differences], headline };
}

/** The first figures of a layer in a county ("": all), as geoplan.maps.headline counts them. */
function triedHeadline(made, county, planned) {
  if (!made.views.has(county)) {
    const rows = [...rowNumber.get(made.id).values()].map(rowAt).filter((row) => !county || row.county_code === county);
    const sum = (some, name) => some.reduce((people, row) => people + row[name], 0);
    const tally = (some, name) => ({ townships: some.length, people: sum(some, name) });
    const listed = rows.filter((row) => row.listed);
    const because = (reason) => tally(rows.filter((row) => words(row.reasons).includes(reason)), "target_people");
    const beyond = (some) => ({ townships: some.length, people: sum(some, "target_uncovered") + sum(some, "target_unreachable") });
    const firm = rows.filter((row) => !isProvisional(row));
    made.views.set(county, {
      ...planned[county],
      listed_firm: tally(listed.filter((row) => !isProvisional(row)), "beyond_people"),
      listed_provisional: tally(listed.filter(isProvisional), "beyond_people"),
      undetermined: tally(rows.filter((row) => row.status === "undetermined"), "target_people"),
      list_gap: because("list_gap"),
      no_usable_point: because("no_usable_point"),
      beyond_firm: beyond(firm),
      beyond_provisional: beyond(rows.filter(isProvisional)),
      target_firm: sum(firm, "target_people"),
      load: null,
    });
  }
  return made.views.get(county);
}

/** The first cell of the layer that the page, with nothing changed, does not count as the run did, in
 * words; null where it finds everything again. */
function firstDifference(id) {
  const made = baseResult(id);
  const names = Object.keys(made.columns).filter((name) => name in rowTable && name !== "per_person_value");
  for (const number of rowNumber.get(id).values()) {
    const code = rowTable.township_code[number];
    // Who is watched only because of the draws has a status and a reason that no trial counts.
    const drawn = words(rowTable.reasons[number]).includes("interval");
    const told = drawn ? names.filter((name) => !["status", "reasons"].includes(name)) : names;
    const wrong = told.find((name) => !sameFigure(made.columns[name][places.at.get(code)], rowTable[name][number]));
    if (wrong) {
      const where = { service: inLang(layerOf(id)), place: placeName(code), name: wrong };
      return say("trial_difference", { ...where, was: rowTable[wrong][number], is: made.columns[wrong][places.at.get(code)] });
    }
  }
  return firstVillageDifference(id);
}

/** Figures of the run are written to five decimals. */
function sameFigure(one, other) {
  return one === other || (typeof one === "number" && typeof other === "number" && Math.abs(one - other) <= 1e-5);
}
