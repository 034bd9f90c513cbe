// What comes of a trial: who loses and who gains, the sites that must serve more, how even it is, the
// curve of the sites opened, the best next site, the closure that hurts most, and every change.

const MOST_RECEIVING = 8;
const MOST_ADVISED = 5;
const MOST_SITES_LISTED = 40;
const advice = { asked: 0, next: null, worst: null, of: "" };

function drawTrialReport(layer) {
  const report = byId("trial-report");
  if (!canTry(layer.id)) {
    replace(report);
    return;
  }
  const [before, after] = [baseResult(layer.id), nowResult(layer.id)];
  forgetAdvice(after);
  const column = (...blocks) => make("div", { class: "trial-column" }, blocks);
  redraw(
    report,
    column(harmBlock(layer, before, after), receivingBlock(layer, before, after), adviceBlock(layer), changesBlock(layer, after)),
    column(evennessBlock(layer, before, after), openedBlock(layer, after), block("trial-not", "trial_not_heading", make("p", { class: "prose" }, say("trial_not")))),
  );
}

function block(id, key, ...parts) {
  return make("section", { class: "section", id, "aria-labelledby": id + "-h" }, make("h3", { id: id + "-h" }, say(key)), parts);
}

/** A figure with its full value, for who wants to copy or check it. */
function datum(value, text) {
  return value === null || value === undefined ? text : make("data", { value }, text);
}

function harmBlock(layer, before, after) {
  const harm = harmOf(before, after, scopePoints());
  const people = (count) => datum(count, peopleText(count));
  const minutes = (value) => (value === null ? say("trial_nobody") : datum(value, minutesText(value)));
  const rows = [
    [say("trial_longer"), people(harm.longer.people), people(harm.shorter.people)],
    [say("trial_added_mean"), minutes(harm.longer.mean), minutes(harm.shorter.mean)],
    [say("trial_added_p90"), minutes(harm.longer.p90), minutes(harm.shorter.p90)],
    [say("trial_pass", { minutes: layer.minutes }), people(harm.lostWithin), people(harm.gainedWithin)],
    [say("trial_way"), people(harm.lostWay), people(harm.gainedWay)],
    [say("trial_known"), people(harm.noLongerKnown), ""],
  ];
  return block(
    "trial-harm",
    "trial_harm_heading",
    make("p", { class: "quiet" }, say("trial_harm_note", { group: inLang(DATA.groups[layer.group]) })),
    makeTable(say("trial_harm_heading"), ["", say("trial_losers"), say("trial_winners")], rows, { numeric: [1, 2] }),
    extremes(layer),
  );
}

/** The township that loses most and the one that gains most, by name. */
function extremes(layer) {
  const rows = scopeRows(layer.id).map((row) => ({ code: row.township_code, gained: peopleGained(row) }));
  const told = (key, sign) => {
    const [first] = rows.filter((row) => row.gained * sign > 0).sort((one, other) => (other.gained - one.gained) * sign);
    return first ? make("p", {}, say(key), " ", placeButton(first.code), " ", datum(first.gained, peopleText(Math.abs(first.gained)))) : null;
  };
  return [told("trial_most_lost", -1), told("trial_most_gained", 1)];
}

function receivingBlock(layer, before, after) {
  const found = receiving(before, after);
  if (!found.length) {
    return null;
  }
  const rows = found.slice(0, MOST_RECEIVING).map((each) => [
    nameInTrial(layer.id, each.id),
    datum(each.came, whole(each.came)),
    datum(each.before, whole(each.before)),
    datum(each.after, whole(each.after)),
  ]);
  const heads = ["site_name", "trial_arriving", "trial_load_before", "trial_load_after"].map((key) => say(key));
  return block(
    "trial-receiving",
    "trial_receiving_heading",
    make("p", { class: "quiet" }, say("trial_receiving_note", { group: inLang(DATA.groups[layer.group]), n: found.length }), ownCounty() ? say("space") + say("trial_lead_county") : null),
    makeTable(say("trial_receiving_heading"), heads, rows, { numeric: [1, 2, 3] }),
  );
}

function evennessBlock(layer, before, after) {
  const points = evenPoints();
  const [was, is] = [spreadOf(before, points), spreadOf(after, points)];
  const show = (value, digits) => (value === null ? say("unknown") : datum(value, grouped(value, digits)));
  const worst = (made) => {
    const found = worstWithin(made);
    return found ? [placeName(found.code) || countyName(found.code), " ", datum(found.share, shareText(found.share))] : say("unknown");
  };
  const rows = [
    [sayFull("spread.figure.mean"), show(was.mean, 1), show(is.mean, 1)],
    [sayFull("spread.figure.gini"), show(was.gini, 3), show(is.gini, 3)],
    [say("trial_told_people"), datum(was.people, whole(was.people)), datum(is.people, whole(is.people))],
    [say(state.county ? "trial_worst_township" : "trial_worst_county", { minutes: layer.minutes }), worst(before), worst(after)],
  ];
  return block(
    "trial-evenness",
    "trial_evenness_heading",
    make("p", { class: "quiet" }, say(state.county ? "trial_evenness_county" : "trial_evenness_main"), say("space"), say("equity_gini")),
    makeTable(say("trial_evenness_heading"), ["", say("trial_before"), say("trial_after")], rows, { numeric: [1, 2] }),
    triedSpread(layer, [before, after], [was, is], points),
  );
}

/** People of listed townships brought within by the sites opened, one after another, beside the plan. */
function openedBlock(layer, after) {
  const opened = openedCurve(layer.id, after.edit.open);
  if (!opened.length) {
    return null;
  }
  const plan = ofLayer("siting_curve", layer);
  const rows = opened.map((each, at) => {
    const beside = plan.find((point) => point.sites === each.sites) || {};
    const shown = (value) => (value === null || value === undefined ? "" : datum(value, whole(value)));
    return [String(each.sites), nameInTrial(layer.id, after.edit.open[at]), shown(each.listed_gain), shown(beside.listed_gain), shown(beside.listed_bound)];
  });
  const heads = ["trial_number", "site_name", "trial_curve_here", "siting_curve_plan", "siting_curve_bound"].map((key) => say(key));
  return block(
    "trial-curve",
    "trial_curve_heading",
    make("p", { class: "quiet" }, say("trial_curve_note", { minutes: ownMinutes(layer.id) })),
    openedCurvePicture(opened, plan),
    makeTable(say("trial_curve_heading"), heads, rows, { numeric: [0, 2, 3, 4], rowHead: 1 }),
  );
}

function openedCurvePicture(opened, plan) {
  const far = Math.max(opened.length, Math.min(plan.length, 2 * opened.length, 60));
  const near = plan.filter((each) => each.sites <= far);
  const known = near.filter((each) => each.listed_bound !== null);
  const most = Math.max(1, ...opened.map((each) => each.listed_gain), ...near.map((each) => each.listed_gain), ...known.map((each) => each.listed_bound));
  const x = (sites) => CURVE.left + ((CURVE.right - CURVE.left) * sites) / far;
  const y = (people) => CURVE.bottom - ((CURVE.bottom - CURVE.top) * people) / most;
  const path = (some, name) => "M" + x(0) + " " + y(0) + some.map((each) => "L" + x(each.sites).toFixed(1) + " " + y(each[name]).toFixed(1)).join("");
  return make(
    "figure",
    { class: "curve" },
    makeSvg(
      "svg",
      { viewBox: "0 0 400 136", "aria-hidden": "true", focusable: "false" },
      makeSvg("path", { class: "axis", d: "M" + CURVE.left + " " + CURVE.bottom + "H" + CURVE.right }),
      makeSvg("path", { class: "bound", d: path(known, "listed_bound") }),
      makeSvg("path", { class: "plan", d: path(near, "listed_gain") }),
      makeSvg("path", { class: "tried", d: path(opened, "listed_gain") }),
      opened.map((each) => makeSvg("circle", { class: "tried", cx: x(each.sites), cy: y(each.listed_gain), r: 2.6 })),
    ),
    make(
      "figcaption",
      { class: "quiet" },
      make("span", { class: "curve-key tried" }, say("trial_curve_here")),
      make("span", { class: "curve-key" }, say("siting_curve_plan")),
      make("span", { class: "curve-key bound" }, say("siting_curve_bound")),
    ),
  );
}

/** What was found holds for the state and the area it was found in only. */
function forgetAdvice(after) {
  const of = [after.id, state.county, JSON.stringify(after.edit)].join(" ");
  if (advice.of !== of) {
    Object.assign(advice, { asked: advice.asked + 1, next: null, worst: null, of });
  }
}

function adviceBlock(layer) {
  const scope = state.county ? countyName(state.county) : say("nation");
  const ask = (id, key, name, find) =>
    make("button", { type: "button", id, on: { click: () => askFor(layer, name, find) } }, say(key, { scope }));
  return block(
    "trial-advice",
    "trial_advice_heading",
    make("p", {}, ask("trial-next", "trial_next", "next", bestNext), " ", ask("trial-worst", "trial_worst", "worst", worstClosure)),
    advised(layer, "next", "trial_gain", "trial_saved_minutes", "trial_open_here", toggleOpened),
    advised(layer, "worst", "trial_loss", "trial_added_minutes", "trial_close", toggleClosed),
  );
}

async function askFor(layer, name, find) {
  const asked = advice.asked + 1;
  advice.asked = asked;
  tell(say("trial_looking"));
  const found = await find(layer.id, () => advice.asked === asked);
  if (found) {
    advice[name] = found;
    drawTrialReport(layerOf(state.layer));
    const [first] = found;
    tell(first ? say("trial_found_" + name, { name: nameInTrial(layer.id, first.id), n: whole(first.people), of: found.length }) : say("trial_found_none"));
  }
}

function advised(layer, name, people, minutes, key, act) {
  const found = advice[name];
  if (!found) {
    return null;
  }
  if (!found.length) {
    return make("p", { class: "quiet" }, say("trial_found_none"));
  }
  const rows = found.slice(0, MOST_ADVISED).map((each) => [
    nameInTrial(layer.id, each.id),
    datum(each.people, whole(each.people)),
    datum(each.ms / MS_PER_MINUTE, whole(each.ms / MS_PER_MINUTE)),
    make("button", { type: "button", class: "link", on: { click: () => act(layer.id, each.id) } }, say(key)),
  ]);
  const caption = say("trial_table_" + name, { n: found.length, minutes: layer.minutes });
  return make("div", { id: "trial-found-" + name }, makeTable(caption, [say("site_name"), say(people), say(minutes), say("trial_do")], rows, { numeric: [1, 2], showCaption: true }));
}

/** Every change, to be taken back one by one; and the sites of the area, to be closed from a table. */
function changesBlock(layer, after) {
  const back = (id, act, key) => [nameInTrial(layer.id, id), make("button", { type: "button", class: "link", on: { click: () => act(layer.id, id) } }, say(key))];
  const rows = [
    ...after.edit.close.map((id) => back(id, toggleClosed, "trial_reopen")),
    ...after.edit.open.map((id) => back(id, toggleOpened, "trial_away")),
  ];
  return block(
    "trial-changes",
    "trial_changes_heading",
    rows.length ? makeTable(say("trial_changes_heading"), [say("site_name"), say("trial_do")], rows) : make("p", { class: "quiet" }, say("trial_unchanged")),
    otherChanges(layer),
    sitesTable(layer, after),
  );
}

/** Services besides the one looked at that the trial changes. */
function otherChanges(layer) {
  const others = DATA.layers.filter((each) => each.id !== layer.id && triedLayer(each.id));
  return others.length ? make("p", { class: "quiet" }, say("trial_others", { services: others.map(inLang).join(say("comma")) })) : null;
}

function sitesTable(layer, after) {
  const { sites } = trial.ground.layers[layer.id];
  const closed = new Set(after.edit.close);
  const mine = sites.id.map((id, at) => at).filter((at) => sites.measured[at] && inScope(counties.codes[sites.county[at]] || ""));
  const rows = mine.slice(0, MOST_SITES_LISTED).map((at) => {
    const id = sites.id[at];
    const key = closed.has(id) ? "trial_reopen" : "trial_close";
    const button = make("button", { type: "button", class: "link", id: "trial-site-" + at, on: { click: () => toggleClosed(layer.id, id) } }, say(key));
    return [nameInTrial(layer.id, id), placeName(places.codes[sites.township[at]]), button];
  });
  return make(
    "details",
    { id: "trial-sites" },
    make("summary", {}, say("trial_sites", { n: mine.length })),
    mine.length > rows.length ? make("p", { class: "quiet" }, say("trial_sites_some", { n: rows.length, of: mine.length })) : null,
    makeTable(say("trial_sites", { n: mine.length }), [say("site_name"), say("township"), say("trial_do")], rows),
  );
}
