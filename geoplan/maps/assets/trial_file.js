// A trial as a small file: written the same for the same trial, and read with every fault told.

const TRIAL_FORMAT = 1;
const MOST_TRIAL_BYTES = 4000000;
const MOST_FAULTS = 12;

/** The text of a trial: ids sorted, absent where there is nothing to say. What the page was itself made
 * with (`fixed`) is part of it. */
function specText(spec) {
  const { study, run, version } = DATA.about;
  const fixed = (trial.ground && trial.ground.fixed) || {};
  const layers = mergedTables(fixed.layers || {}, spec.layers, (was, edit) => {
    const ids = (list) => [...new Set([...(was[list] || []), ...(edit[list] || [])])].sort();
    const minutes = edit.minutes === undefined ? was.minutes : edit.minutes;
    const [close, open] = [ids("close"), ids("open")];
    return { ...(close.length ? { close } : {}), ...(open.length ? { open } : {}), ...(minutes === undefined ? {} : { minutes }) };
  });
  const weights = mergedTables(fixed.weights || {}, spec.weights, (was, changed) => mergedTables(was, changed, (old, now) => (now === null ? old : now), null));
  const told = { geoplan: "trial", format: TRIAL_FORMAT, study, run, version };
  return JSON.stringify({ ...told, ...(Object.keys(layers).length ? { layers } : {}), ...(Object.keys(weights).length ? { weights } : {}) }, null, 1) + "\n";
}

/** Two tables as one, keys sorted; `both` joins what stands under a key in either. */
function mergedTables(one, other, both, absent = {}) {
  const of = (table, key) => (key in table ? table[key] : absent);
  const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])].sort();
  return Object.fromEntries(keys.map((key) => [key, both(of(one, key), of(other, key))]));
}

function saveTrial() {
  const file = new Blob([specText(tried())], { type: "application/json" });
  const link = make("a", { href: URL.createObjectURL(file), download: DATA.about.study + ".trial.json" });
  document.body.append(link);
  link.click();
  link.remove();
  trial.saved = tried();
  drawTrial();
  tell(say("trial_saved", { file: DATA.about.study + ".trial.json" }));
}

/** Read a file that was chosen or dropped; what is wrong with it is told, and nothing is changed. */
async function openTrialFile(file) {
  if (file.size > MOST_TRIAL_BYTES) {
    return refuseTrial([say("trial_fault_size")]);
  }
  const text = await file.text();
  const { spec, faults, notes } = readTrial(text.replace(/^\uFEFF/, ""));
  if (faults.length) {
    return refuseTrial(faults);
  }
  tryOut(spec);
  trial.saved = spec;
  drawTrial();
  return tell([say("trial_opened"), ...notes].join(say("space")));
}

function refuseTrial(faults) {
  const told = faults.slice(0, MOST_FAULTS);
  const more = faults.length > told.length ? [say("trial_fault_more", { n: faults.length - told.length })] : [];
  tell([say("trial_refused"), ...told, ...more].join(say("space")));
}

/** The state in a text, or every fault of it in words. */
function readTrial(text) {
  let told = null;
  try {
    told = JSON.parse(text);
  } catch {
    return { faults: [say("trial_fault_json")], notes: [] };
  }
  if (!isTable(told) || told.geoplan !== "trial") {
    return { faults: [say("trial_fault_kind")], notes: [] };
  }
  const faults = [];
  const wrong = (key, values) => faults.push(say("trial_fault_" + key, values));
  if (told.format !== TRIAL_FORMAT) {
    wrong("format", { found: shortened(told.format), wanted: TRIAL_FORMAT });
  }
  if (told.study !== DATA.about.study) {
    wrong("study", { found: shortened(told.study), wanted: DATA.about.study });
  }
  unknownKeys(told, ["geoplan", "format", "study", "run", "version", "layers", "weights"], wrong);
  let spec = NOTHING_TRIED;
  for (const [id, edit] of entriesOf(told, "layers", wrong)) {
    spec = readLayer(spec, id, edit, wrong);
  }
  for (const [id, weights] of entriesOf(told, "weights", wrong)) {
    spec = readWeights(spec, id, weights, wrong);
  }
  return { spec, faults, notes: !told.run || told.run === DATA.about.run ? [] : [say("trial_other_run", { run: shortened(told.run) })] };
}

function isTable(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a file says, short enough to be shown. */
function shortened(value) {
  const text = typeof value === "string" ? value : String(JSON.stringify(value));
  return [...text].length > 40 ? [...text].slice(0, 40).join("") + "…" : text;
}

function unknownKeys(table, known, wrong) {
  Object.keys(table).filter((key) => !known.includes(key)).forEach((key) => wrong("key", { key: shortened(key) }));
}

function entriesOf(told, key, wrong) {
  if (!(key in told)) {
    return [];
  }
  if (!isTable(told[key])) {
    wrong("table", { key });
    return [];
  }
  return Object.entries(told[key]);
}

function readLayer(spec, id, edit, wrong) {
  const layer = Object.hasOwn(trial.ground.layers, id) ? trial.ground.layers[id] : null;
  if (!layer || !isTable(edit)) {
    wrong(layer ? "table" : "layer", { key: shortened(id) });
    return spec;
  }
  if (!canTry(id)) {
    wrong("rule", { key: shortened(id) });
    return spec;
  }
  unknownKeys(edit, ["close", "open", "minutes"], wrong);
  const closable = (site) => layer.siteAt.has(site) && layer.sites.measured[layer.siteAt.get(site)];
  const close = readIds(edit, closable, { layer: id, key: "close" }, wrong);
  const open = readIds(edit, (site) => canOpen(layer, site), { layer: id, key: "open" }, wrong);
  const minutes = edit.minutes === undefined ? ownMinutes(id) : edit.minutes;
  if (!(typeof minutes === "number" && minutes > 0 && minutes <= 1440)) {
    wrong("minutes", { layer: id, found: shortened(minutes) });
    return spec;
  }
  return withEdit(spec, id, { close, open, minutes });
}

/** Ids of a list, sorted; those that the page was made with stand already and are left out. */
function readIds(edit, known, { layer, key }, wrong) {
  const ids = edit[key] === undefined ? [] : edit[key];
  if (!Array.isArray(ids) || !ids.every((id) => typeof id === "string")) {
    wrong("table", { key });
    return [];
  }
  const fixed = new Set((((trial.ground.fixed.layers || {})[layer] || {})[key]) || []);
  const unknown = ids.filter((id) => !known(id) && !fixed.has(id));
  unknown.forEach((id) => wrong("id_" + key, { layer, id: shortened(id) }));
  if (new Set(ids).size < ids.length) {
    wrong("twice", { layer, key });
  }
  return unknown.length ? [] : ids.filter((id) => !fixed.has(id)).sort();
}

function canOpen(layer, id) {
  const column = trial.ground.columnAt.get(id);
  return column !== undefined && layer.candidates.includes(column) && !layer.planned.includes(column);
}

function readWeights(spec, id, weights, wrong) {
  const profile = Object.hasOwn(trial.ground.need, id) ? trial.ground.need[id] : null;
  if (!profile || !profile.indicators || !isTable(weights)) {
    wrong("profile", { key: shortened(id) });
    return spec;
  }
  let found = spec;
  for (const [indicator, weight] of Object.entries(weights)) {
    if (!profile.indicators.includes(indicator)) {
      wrong("indicator", { key: shortened(indicator) });
    } else if (!(typeof weight === "number" && weight > 0 && Number.isFinite(weight))) {
      wrong("weight", { key: indicator, found: shortened(weight) });
    } else {
      found = withWeight(found, id, indicator, weight);
    }
  }
  return found;
}
