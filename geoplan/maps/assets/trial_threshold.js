// The threshold below the map: another one is a trial, which begins when the handle is first moved.

let drawnThreshold = "";
let wantedMinutes = null; // where the handle was left while the trial was being prepared

function drawThreshold() {
  const layer = layerOf(state.layer);
  byId("threshold").hidden = !DATA.trial || (trial.on && !canTry(layer.id));
  if (byId("threshold").hidden) {
    return;
  }
  const key = [state.lang, layer.id].join(" ");
  if (drawnThreshold !== key) {
    drawnThreshold = key;
    replace(byId("threshold"), minutesSlider(layer, "threshold-minutes", turnThreshold), make("p", { id: "threshold-note" }));
  }
  byId("threshold-note").className = trial.on ? "caution" : "quiet";
  byId("threshold-note").textContent = say(trial.on ? "threshold_trial" : "threshold_note");
  turnTo("threshold-minutes", wantedMinutes === null ? layer.minutes : wantedMinutes, beyondWords(layer));
}

/** People beyond the threshold in the area looked at: firm and provisional figures are never added. */
function beyondWords(layer) {
  const beyond = { firm: 0, provisional: 0 };
  for (const row of scopeRows(layer.id)) {
    beyond[isProvisional(row) ? "provisional" : "firm"] += row.target_uncovered + row.target_unreachable;
  }
  return say("trial_minutes_now", { minutes: layer.minutes, firm: whole(beyond.firm), provisional: whole(beyond.provisional) });
}

async function turnThreshold(minutes) {
  if (trial.on) {
    turnMinutes(minutes);
    return;
  }
  const waiting = wantedMinutes !== null;
  wantedMinutes = minutes;
  if (waiting) {
    return;
  }
  const begun = await beginTrial();
  const wanted = wantedMinutes;
  wantedMinutes = null;
  if (begun && canTry(state.layer)) {
    turnMinutes(wanted);
    trial.turning = null; // the handle may have been let go while the trial was being prepared
  } else {
    drawThreshold();
  }
}

function turnMinutes(minutes) {
  tryOut(withEdit(tried(), state.layer, { minutes }), "minutes " + state.layer);
}
