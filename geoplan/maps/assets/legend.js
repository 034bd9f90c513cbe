// What the colours, patterns and symbols mean, each with how many there are.

function drawLegend() {
  const layer = layerOf(state.layer);
  const measure = measureOf(layer);
  const together = isNeedAccess(measure);
  const classes = together ? [] : classesOf(layer, measure).reverse();
  redraw(byId("classes"), together ? needAccessSquare(layer, measure) : null, classTable(layer, measure, classes), legendNotes(layer, measure));
  drawSymbols();
}

function drawSymbols() {
  redraw(byId("symbols"), symbolTables(), nowhereLines());
}

/** Number of townships of the scope, or of villages, by class: firm and provisional. */
function classCounts(layer, measure) {
  const counts = new Map();
  for (const row of unitsOf(layer, measure)) {
    const key = classOf(measure, row);
    const count = counts.get(key) || { firm: 0, provisional: 0 };
    count[isHatched(measure, row) ? "provisional" : "firm"] += 1;
    counts.set(key, count);
  }
  return counts;
}

/** Null where nothing stands in it. */
function classTable(layer, measure, classes) {
  const counts = classCounts(layer, measure);
  const certain = measure.id !== "need";
  const none = { firm: 0, provisional: 0 };
  const outside = OUTSIDE_SCALE.filter((key) => counts.has(key)).map((key) => ({
    key,
    label: outsideText(key),
    colour: null,
  }));
  if (!classes.length && !outside.length) {
    return null;
  }
  const row = ({ key, label, colour }) => {
    const count = counts.get(key) || none;
    return make(
      "tr",
      { "data-class": key },
      make("th", { scope: "row" }, swatch(key, colour, false), make("span", {}, label)),
      make("td", { class: "number" }, String(count.firm)),
      certain
        ? make("td", { class: "number" }, swatch(key, colour, true), String(count.provisional))
        : null,
    );
  };
  return make(
    "table",
    { class: "classes" },
    make("caption", { class: "unseen" }, measureName(measure) + asOfWords(measure)),
    make(
      "thead",
      {},
      make(
        "tr",
        {},
        make("th", { scope: "col" }, say("unit_" + measure.id)),
        make("th", { scope: "col", class: "number" }, certain ? sayFull("certainty.firm") : "n"),
        certain ? make("th", { scope: "col", class: "number" }, sayFull("certainty.provisional")) : null,
      ),
    ),
    make("tbody", {}, [...classes, ...outside].map(row)),
  );
}

function legendNotes(layer, measure) {
  const notes = [say(isOfVillages(measure) ? "legend_n_villages" : "legend_n", { scope: state.county ? countyName(state.county) : say("nation") })];
  if (isNeedAccess(measure)) {
    notes.push(...needAccessNotes(layer, measure));
  } else if (measure.id === "share_listed") {
    notes.push(say("legend_closed_left"), say("legend_runs"));
  } else if (measure.id === "difference") {
    notes.push(say("legend_difference"));
  } else if (measure.id === "village_difference") {
    notes.push(say("legend_village_difference"));
  } else if (measure.edges) {
    notes.push(say("legend_closed_" + measure.closed), measure.id === "record_age" ? null : say("legend_dark"));
  }
  if (measure.id.startsWith("e2sfca")) {
    notes.push(say("legend_e2sfca", { basis: sayFull("code.capacity_basis." + layer.capacity_basis) }));
  }
  if (measure.id === "record_age") {
    notes.push(say("legend_record_age"));
  }
  if (measure.id === "second_nearest") {
    notes.push(say("legend_second"));
  }
  if (measure.id !== "need") {
    notes.push(say("legend_hatched"));
  }
  if (measure.id === "sites_per_1000" || layerOf(state.layer).group_modelled) {
    notes.push(say("legend_modelled"));
  }
  return make("p", { class: "quiet" }, notes.filter((note) => note).join(say("space")));
}

/** One block a service: a switch, and each kind of site with its number. */
function symbolTables() {
  return [
    make("h3", {}, say("sites_shown")),
    ...DATA.layers.map(symbolBlock),
    make(
      "div",
      { class: "switch" },
      switchBox("show-proposed", shownKinds.has("proposed"), (on) => toggle(shownKinds, "proposed", on)),
      make("label", { for: "show-proposed" }, say("show_proposed")),
    ),
  ];
}

function symbolBlock(layer) {
  const shown = shownLayers.has(layer.id);
  const id = "show-" + layer.id;
  return make(
    "div",
    { class: "symbol-block" },
    make(
      "div",
      { class: "switch" },
      switchBox(id, shown, (on) => toggle(shownLayers, layer.id, on)),
      make(
        "label",
        { for: id },
        make("span", { class: "sign " + layer.symbol, "aria-hidden": "true" }, SIGNS[layer.symbol]),
        inLang(layer),
      ),
    ),
    shown ? make("ul", { class: "kinds" }, kindLines(layer)) : null,
  );
}

function kindLines(layer) {
  const sites = sitesOf(layer.id).filter((site) => site.status !== "proposed" || standsByYear(site));
  const kinds = KINDS.map((kind) => [kind, sites.filter((site) => kindOf(site) === kind)]);
  const lines = kinds
    .filter(([, found]) => found.length)
    .map(([kind, found]) => kindLine(layer, kind, false, found.length));
  const planner = sites.filter((site) => site.origin === "planner").length;
  return planner ? [...lines, kindLine(layer, "distance", true, planner)] : lines;
}

function kindLine(layer, kind, planner, number) {
  return make(
    "li",
    { "data-kind": planner ? "planner" : kind },
    symbolPicture(layer.symbol, kind, planner),
    make("span", {}, say(planner ? "planner_row" : "kind_" + kind)),
    make("span", { class: "number" }, String(number)),
  );
}

/** Sites that can stand nowhere on a map are told in words. */
function nowhereLines() {
  return DATA.layers
    .filter((layer) => shownLayers.has(layer.id))
    .map((layer) => {
      const without = sitesOf(layer.id).filter((site) => kindOf(site) === "none").length;
      const sites = layer.headline[state.county].sites;
      const parts = [];
      if (without) {
        parts.push(say("nowhere_named", { n: without }));
      }
      if (sites && !sites.unnamed_known) {
        parts.push(say("nowhere_not_known"));
      } else if (sites && sites.existing_unnamed) {
        parts.push(say("nowhere_unnamed", { n: sites.existing_unnamed }));
      }
      return parts.length
        ? make("p", { class: "quiet", "data-nowhere": layer.id }, inLang(layer) + say("colon") + parts.join(say("semicolon")))
        : null;
    });
}

function switchBox(id, on, listener) {
  const box = make("input", { type: "checkbox", id, on: { change: (event) => listener(event.target.checked) } });
  box.checked = on;
  return box;
}

function toggle(set, name, on) {
  if (on) {
    set.add(name);
  } else {
    set.delete(name);
  }
  paintSites();
  drawLegend();
}
