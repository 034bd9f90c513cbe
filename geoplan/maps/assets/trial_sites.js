// Sites in a trial: closed ones are struck out, opened ones are areas to search that stand nowhere
// else; and the buttons by which both are done, on the map, in the profile and in the table.

const NO_IDS = new Set();
const idsOf = new WeakMap(); // a list of a state, which never changes -> its ids

/** Ids of the sites of a layer that the trial closes. */
function triedClosed(layerId) {
  const edit = trial.on && tried().layers[layerId];
  if (!edit || !edit.close) {
    return NO_IDS;
  }
  if (!idsOf.has(edit.close)) {
    idsOf.set(edit.close, new Set(edit.close));
  }
  return idsOf.get(edit.close);
}

/** Sites that the trial opens, as the map draws them: not existing ones, and no proposal. */
function openedSites() {
  if (!trial.on) {
    return [];
  }
  return Object.entries(tried().layers).flatMap(([layer, edit]) => (edit.open || []).map((id) => openedSite(layer, id)));
}

function openedSite(layer, id) {
  const { columns, columnAt } = trial.ground;
  const column = columnAt.get(id);
  const code = places.codes[columns.township[column]] || "";
  const beside = DATA.layers.map((each) => siteInTable(each.id, id)).find((site) => site);
  const at = beside || candidatePoint(column, code);
  const place = beside ? beside.name : placeName(code) || nameElsewhere(id);
  return { number: -1, site_id: id, layer, status: "planned", origin: "trial", name: say("trial_site", { place }), township_code: code, county_code: countyOfCode(code), lon: at.lon, lat: at.lat };
}

/** Where the people of the township live: a sign of the area, not an address. */
function candidatePoint(column, code) {
  const { lon, lat } = trial.ground.columns;
  if (lon) {
    return { lon: lon[column], lat: lat[column] };
  }
  const middle = areaOf.get(code).getBounds().getCenter();
  return { lon: middle.lng, lat: middle.lat };
}

function candidateOf(site) {
  const name = site.site_id.slice(("proposed-" + site.layer + "-").length);
  return trial.ground.columnAt.has("area-" + name) ? "area-" + name : name;
}

/** Close a site or open it again. */
function toggleClosed(layer, id) {
  toggleIn(layer, "close", id, ["trial_told_close", "trial_told_reopen"]);
}

/** Open a candidate or take it away again. */
function toggleOpened(layer, id) {
  toggleIn(layer, "open", id, ["trial_told_open", "trial_told_away"]);
}

function toggleIn(layer, list, id, words) {
  const before = editOf(tried(), layer)[list];
  const on = !before.includes(id);
  const name = nameInTrial(layer, id);
  tryOut(withEdit(tried(), layer, { [list]: on ? [...before, id] : before.filter((each) => each !== id) }));
  tell(say(words[on ? 0 : 1], { name }) + say("space") + nowWords(layer));
}

function nameInTrial(layer, id) {
  const site = siteInTable(layer, id);
  return site ? site.name : trial.ground.layers[layer].siteAt.has(id) ? nameElsewhere(id) : openedSite(layer, id).name;
}

/** People within and on the list now, for who hears the page. */
function nowWords(layer) {
  const figures = trialFigures(layer);
  return say("trial_told_now", { service: inLang(layerOf(layer)), within: whole(figures.within[1]), listed: figures.listed[1] });
}

/** The button of a site's card, where the trial can do something with it. */
function siteButton(site) {
  if (!trial.on || !canTry(site.layer) || (site.status === "planned" && site.origin !== "trial")) {
    return null;
  }
  const button = (key, act) => make("p", {}, make("button", { type: "button", "data-trial": key, on: { click: act } }, say(key)));
  if (site.status === "proposed" || site.status === "planned") {
    const id = site.status === "planned" ? site.site_id : candidateOf(site);
    const opened = editOf(tried(), site.layer).open.includes(id);
    return canOpen(trial.ground.layers[site.layer], id) ? button(opened ? "trial_away" : "trial_open_here", () => toggleOpened(site.layer, id)) : null;
  }
  const layer = trial.ground.layers[site.layer];
  if (!layer.siteAt.has(site.site_id) || !layer.sites.measured[layer.siteAt.get(site.site_id)]) {
    return make("p", { class: "quiet" }, say("trial_no_point"));
  }
  return button(site.status === "shut" ? "trial_reopen" : "trial_close", () => toggleClosed(site.layer, site.site_id));
}

/** In a township's profile: open a site of the service here, or take it away; and before and after. */
function trialPart(row) {
  if (!trial.on) {
    return null;
  }
  if (!canTry(row.layer)) {
    return make("p", { class: "quiet" }, say("trial_rule"));
  }
  const id = "area-" + row.township_code;
  const opened = editOf(tried(), row.layer).open.includes(id);
  const button = make(
    "button",
    { type: "button", id: "trial-here", on: { click: () => toggleOpened(row.layer, id) } },
    say(opened ? "trial_away" : "trial_open_here"),
  );
  return make(
    "div",
    { class: "trial-part" },
    canOpen(trial.ground.layers[row.layer], id) ? button : null,
    triedLayer(row.layer) ? triedBeforeAfter(row) : null,
  );
}

function triedBeforeAfter(row) {
  const was = baseRow(row);
  const people = (key, name) => [say(key, { minutes: layerOf(row.layer).minutes }), datum(was[name], whole(was[name])), datum(row[name], whole(row[name]))];
  const minutes = (each) => datum(each.own_minutes_mean, minutesText(each.own_minutes_mean));
  return makeTable(
    say("trial_before_after"),
    ["", say("trial_before"), say("trial_after")],
    [
      people("split_covered", "target_covered"),
      people("split_uncovered", "target_uncovered"),
      people("split_unreachable", "target_unreachable"),
      people("split_undetermined", "target_undetermined"),
      [say("mean_minutes"), minutes(was), minutes(row)],
      [say("status"), sayFull("status." + was.status), sayFull("status." + row.status)],
    ],
    { numeric: [1, 2], showCaption: true },
  );
}

/** Whether the trial brought a township onto the list. */
function came(row) {
  return Boolean(triedLayer(row.layer) && row.listed && !baseRow(row).listed);
}

function cameMark() {
  return make("span", { class: "trial-mark came" }, say("trial_came"));
}

/** Townships that the run lists and the trial does not. */
function leftRows(layerId) {
  return triedLayer(layerId) ? scopeRows(layerId).filter((row) => !row.listed && baseRow(row).listed) : [];
}

const SEVERITY = { severe: 2, underserved: 1 };

/** Rows in the order of the lists: most people times severity first, ties by code. */
function inTriedOrder(rows) {
  const weight = (row) => (row.beyond_people + (row.status === "undetermined" ? row.target_undetermined : 0)) * (SEVERITY[row.status] || 1);
  return rows
    .map((row) => ({ row, weight: weight(row), code: row.township_code }))
    .sort((one, other) => other.weight - one.weight || (one.code < other.code ? -1 : 1))
    .map(({ row }) => row);
}
