// The bar of a trial: what it is, what it changes, undo and redo, save and open; the threshold and the
// weights as sliders.

const LEAST_WEIGHT = 0.05;
let drawnControls = "";

/** Before and after in the area looked at: closed, opened, people within and beyond, listed. */
function trialFigures(layerId) {
  const rows = scopeRows(layerId);
  const was = rows.map(baseRow);
  const sum = (some, ...names) => some.reduce((people, row) => names.reduce((all, name) => all + row[name], people), 0);
  const both = (count) => [count(was), count(rows)];
  const edit = editOf(tried(), layerId);
  return {
    closed: edit.close.length,
    opened: edit.open.length,
    within: both((some) => sum(some, "target_covered")),
    beyond: both((some) => sum(some, "target_uncovered", "target_unreachable")),
    undetermined: both((some) => sum(some, "target_undetermined")),
    listed: both((some) => some.filter((row) => row.listed).length),
  };
}

function drawTrial() {
  for (const id of ["trial", "trial-report"]) {
    byId(id).hidden = !trial.on;
  }
  byId("trial-begin").hidden = trial.on;
  if (!trial.on) {
    return;
  }
  const layer = layerOf(state.layer);
  const scope = state.county ? countyName(state.county) : say("nation");
  const lead = inLang(layer) + say("dot") + scope + say("colon") + say(canTry(layer.id) ? "trial_lead" : "trial_rule") + (Object.keys(trial.ground.fixed).length ? say("trial_lead_fixed") : "");
  redraw(byId("trial-lead"), lead, countyTrialWords());
  const off = { "trial-undo": trial.at === 0, "trial-redo": trial.at === trial.past.length - 1, "trial-reset": specText(tried()) === specText(NOTHING_TRIED) };
  for (const [id, none] of Object.entries(off)) {
    byId(id).setAttribute("aria-disabled", String(none));
  }
  byId("trial-unsaved").textContent = isUnsaved() ? say("trial_unsaved") : "";
  const figures = trialFigures(layer.id);
  drawTrialFigures(layer, figures);
  drawTrialControls(layer);
  drawTrialReport(layer);
}

function drawTrialFigures(layer, figures) {
  const pair = ([was, is]) => [datum(was, whole(was)), " → ", make("strong", {}, datum(is, whole(is)))];
  const one = (key, ...told) => make("div", {}, make("dt", {}, say(key, { minutes: layer.minutes })), make("dd", { "data-figure": key }, told));
  redraw(
    byId("trial-figures"),
    one("trial_closed", datum(figures.closed, String(figures.closed))),
    one("trial_opened_n", datum(figures.opened, String(figures.opened))),
    one("trial_within", pair(figures.within)),
    one("trial_beyond", pair(figures.beyond)),
    one("trial_undetermined", pair(figures.undetermined)),
    one("trial_listed", pair(figures.listed)),
  );
}

/** The sliders stay while they are turned; only their figures are written anew. */
function drawTrialControls(layer) {
  const key = [state.lang, layer.id].join(" ");
  const profile = profileOf(layer.id)[1];
  const weighted = Boolean(profile.indicators); // weights that were given can be given otherwise
  if (drawnControls !== key) {
    drawnControls = key;
    replace(byId("trial-controls"), canTry(layer.id) ? [minutesSlider(layer, "trial-minutes", turnMinutes), weighted ? weightSliders(layer) : null] : null);
  }
  if (!canTry(layer.id)) {
    return;
  }
  turnTo("trial-minutes", layer.minutes, beyondWords(layer));
  if (weighted) {
    const changed = weightsOf(tried(), layer.id);
    profile.indicators.forEach((id, at) => {
      const weight = id in changed ? changed[id] : profile.weights[at];
      turnTo("trial-weight-" + at, weight, say("trial_weight_now", { n: weight, was: profile.weights[at] }));
    });
  }
}

function turnTo(id, value, told) {
  const slider = byId(id);
  if (Number(slider.value) !== value) {
    slider.value = String(value);
  }
  byId(id + "-now").textContent = told;
}

function slider(id, label, range, turned) {
  const input = make("input", {
    type: "range",
    id,
    ...range,
    on: { input: (event) => turned(Number(event.target.value)), change: () => (trial.turning = null) },
  });
  return make("div", { class: "slider" }, make("label", { for: id }, label), input, make("output", { id: id + "-now", for: id }));
}

function minutesSlider(layer, id, turned) {
  const most = Math.max(120, Math.ceil(ownMinutes(layer.id) / 60) * 120);
  return slider(id, say("trial_minutes"), { min: 5, max: most, step: 1 }, turned);
}

function weightSliders(layer) {
  const [profileId, profile] = profileOf(layer.id);
  const turned = (id) => (weight) => tryOut(withWeight(tried(), profileId, id, weight), "weight " + id);
  return make(
    "details",
    { class: "weights" },
    make("summary", {}, say("trial_weights")),
    make("p", { class: "quiet" }, say("trial_weights_note", { services: profile.layers.map((id) => inLang(layerOf(id))).join(say("comma")) })),
    profile.indicators.map((id, at) =>
      slider("trial-weight-" + at, indicatorName(id), { min: LEAST_WEIGHT, max: Math.max(3, 2 * profile.weights[at]), step: LEAST_WEIGHT }, turned(id)),
    ),
  );
}

/** Unpack what a trial needs, see that the run's own figures come out again, and begin. */
async function beginTrial() {
  if (!trial.ground) {
    tell(say("trial_preparing"));
    await new Promise((done) => setTimeout(done));
    const ground = await readTrialGround().catch(() => undefined);
    if (!ground) {
      tell(say(ground === null ? "trial_none" : "trial_damaged"));
      return false;
    }
    trial.ground = ground;
    const wrong = DATA.layers.filter((layer) => canTry(layer.id)).map((layer) => firstDifference(layer.id)).filter((told) => told);
    if (wrong.length) {
      trial.ground = null;
      tell(say("trial_wrong", { differences: wrong.join(say("semicolon")) }));
      return false;
    }
  }
  trial.on = true;
  settleMeasure();
  drawAll(new Set(["trial"]));
  tell(say("trial_begun"));
  return true;
}

function endTrial() {
  trial.on = false;
  settleMeasure();
  drawAll(new Set(["trial"]));
  tell(say("trial_ended"));
  byId("trial-begin").focus();
}

/** A measure that the layer shown does not have now gives way to one it has. */
function settleMeasure() {
  const ids = layerOf(state.layer).measures.map((measure) => measure.id);
  if (!ids.includes(state.measure)) {
    const ofVillages = state.measure.startsWith("village_");
    state.measure = trial.on ? (ofVillages ? "village_difference" : "difference") : ofVillages ? "village_coverage" : "status";
    writeAddress();
  }
}

function wireTrial() {
  const press = (id, act) => byId(id).addEventListener("click", () => byId(id).getAttribute("aria-disabled") !== "true" && act());
  const step = (by, key) => stepTrial(by) && tell(say(key) + say("space") + nowWords(state.layer));
  press("trial-begin", async () => (await beginTrial()) && byId("trial-heading").focus());
  press("trial-end", endTrial);
  press("trial-undo", () => step(-1, "trial_undone"));
  press("trial-redo", () => step(1, "trial_redone"));
  press("trial-reset", () => {
    resetTrial();
    tell(say("trial_was_reset"));
  });
  press("trial-save", saveTrial);
  press("trial-open", () => byId("trial-file").click());
  byId("trial-file").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    event.target.value = "";
    await takeFile(file);
  });
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    takeFile(event.dataTransfer.files[0]);
  });
  window.addEventListener("beforeunload", (event) => isUnsaved() && event.preventDefault());
}

async function takeFile(file) {
  if (file && (trial.on || (await beginTrial()))) {
    await openTrialFile(file);
  }
}
