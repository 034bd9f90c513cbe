// A county's page: its villages on the map, the card of one, and those of a township as a table.
// The national page has no villages; there nothing of this is shown.

const villages = { codes: [], name: [], township: [], lon: [], lat: [], population: [], at: new Map() };
const villageRows = new Map(); // layer id -> the villages' figures, in the order of villages.codes
const villageShapes = new Map(); // village code -> what is drawn of it: its shape, or a dot
let villageLayer = null;

const COVERAGES = ["covered", "gained", "uncovered"];

/** The county that this page is of; "" on the national page. */
function ownCounty() {
  return DATA.about.county || "";
}

/** Open the villages' tables, and make the townships' shapes from those of their villages. */
function readVillages(tables) {
  const table = openTable(tables.villages.places);
  villages.codes = table.village_code || [];
  villages.name = table.village_name || [];
  villages.township = table.township_code || [];
  villages.lon = table.lon || [];
  villages.lat = table.lat || [];
  villages.population = table.population || [];
  villages.codes.forEach((code, at) => villages.at.set(code, at));
  for (const [layer, columns] of Object.entries(tables.villages.layers)) {
    villageRows.set(layer, records(openTable(columns)));
  }
  const drawn = shapes.objects.villages.geometries;
  const townshipOf = (code) => (villages.at.has(code) ? villages.township[villages.at.get(code)] : code);
  shapes.objects.townships = {
    type: "GeometryCollection",
    geometries: places.codes.map((code) => {
      const parts = drawn.filter((each) => townshipOf(each.id) === code);
      return { ...topojson.mergeArcs(shapes, parts), id: code };
    }),
  };
}

/** The figures of a village for a service with its names and what is known of its township's list;
    null where nobody is counted. */
function villageOf(layer, code) {
  const at = villages.at.get(code);
  const figures = at === undefined || !villageRows.has(layer) ? null : villageRows.get(layer)[at];
  if (!figures || figures.coverage === null) {
    return null;
  }
  const township = rowOf(layer, villages.township[at]);
  return { ...triedVillage(layer, code, figures), layer, code, certainty: township ? township.certainty : "firm", population: villages.population[at] };
}

function villageName(code) {
  const at = villages.at.get(code);
  return at === undefined ? "" : villages.name[at] || code;
}

/** The township first, as people say it. */
function villagePlace(code) {
  const township = placeName(villages.township[villages.at.get(code)]);
  return state.lang === "en" ? villageName(code) + ", " + township : township + villageName(code);
}

function isOfVillages(measure) {
  return Boolean(measure.villages);
}

/** Rows that a measure colours and the legend counts: townships, or villages. */
function unitsOf(layer, measure) {
  return isOfVillages(measure)
    ? villages.codes.map((code) => villageOf(layer.id, code))
    : scopeCodes().map((code) => rowOf(layer.id, code));
}

/** The class of a village's coverage; "gained": covered by a proposal only. */
function coverageClass(measure, row) {
  const gained = measure.column === "coverage_after" && row.coverage_after === "covered" && row.coverage !== "covered";
  return gained ? "gained" : row[measure.column];
}

function coverageClasses(measure) {
  const colours = { covered: "#f7f2dc", gained: "#7fb8c9", uncovered: "#a8480f" };
  const shown = COVERAGES.filter((key) => key !== "gained" || measure.column === "coverage_after");
  return shown.map((key) => ({ key, label: coverageText(key), colour: colours[key] }));
}

function coverageText(key) {
  return say("coverage_" + key, { n: layerOf(state.layer).minutes });
}

function drawAround(map, around) {
  if (around) {
    const renderer = L.svg({ padding: 0.4 });
    const style = { color: "#c4cbd0", weight: 0.8, fillColor: "#eceeec", fillOpacity: 1 };
    L.geoJSON(topojson.feature(around, around.objects.around), { renderer, interactive: false, style }).addTo(map);
  }
}

/** Villages as areas, and as dots where no shape is known. */
function drawVillages(map) {
  const renderer = L.svg({ padding: 0.4 });
  const kept = (code, layer) => {
    villageShapes.set(code, layer);
    layer.on("click", () => chooseVillage(code, true));
    layer.bindTooltip(() => villageWords(code), { sticky: true, direction: "top" });
    villageLayer.addLayer(layer);
  };
  villageLayer = L.featureGroup();
  const drawn = topojson.feature(shapes, shapes.objects.villages).features;
  L.geoJSON(
    drawn.filter((each) => villages.at.has(each.id)),
    { renderer, smoothFactor: 0.4, style: { weight: 0.4, color: "#77838b", fillOpacity: 1 }, onEachFeature: (feature, layer) => kept(feature.id, layer) },
  );
  villages.codes.forEach((code, at) => {
    if (!villageShapes.has(code) && villages.lat[at] !== null) {
      const style = { renderer, radius: 5, weight: 1.2, color: "#3a474f", fillOpacity: 1 };
      kept(code, L.circleMarker(onMap(villages.lat[at], villages.lon[at]), style));
    }
  });
}

/** Show either the townships' colours or the villages'. */
function paintVillages(layer, measure) {
  if (!villageLayer) {
    return;
  }
  if (!isOfVillages(measure)) {
    villageLayer.remove();
    areaLayer.addTo(board);
    return;
  }
  areaLayer.remove();
  const colours = new Map(classesOf(layer, measure).map((each) => [each.key, each.colour]));
  for (const [code, shape] of villageShapes) {
    const row = villageOf(layer.id, code);
    const key = classOf(measure, row);
    paintShape(shape, fillOf(key, colours.get(key), isHatched(measure, row)));
  }
  villageLayer.addTo(board);
}

function villageWords(code) {
  const layer = layerOf(state.layer);
  const measure = measureOf(layer);
  const row = villageOf(layer.id, code);
  return make(
    "div",
    {},
    make("strong", {}, villagePlace(code)),
    row ? make("div", {}, measureName(measure) + say("colon") + valueText(measure, row)) : make("div", {}, say("village_nobody")),
    row ? make("div", {}, inLang(DATA.groups[layer.group]) + " " + villagePeople(row)) : null,
  );
}

function villagePeople(row) {
  return peopleText(row.target_people) + (row.target_modelled ? say("modelled_mark") : "");
}

/** Select a village: its card stands above the profile of its township. */
function chooseVillage(code, onMap) {
  change({ village: code, place: villages.township[villages.at.get(code)] });
  if (onMap && window.matchMedia("(max-width: 760px)").matches) {
    byId("panel").scrollIntoView();
  } else if (!onMap) {
    showVillage(code);
    byId("village-heading").focus();
  }
  tell(villagePlace(code));
}

function showVillage(code) {
  const shape = villageShapes.get(code);
  if (shape) {
    const bounds = shape.getBounds ? shape.getBounds() : L.latLngBounds([shape.getLatLng()]);
    board.fitBounds(bounds.pad(1.2), { padding: [14, 14], maxZoom: 12, animate: false });
  }
}

/** What is known of the village looked at; null where none is. */
function villageCard(township) {
  const code = state.village;
  if (!villages.at.has(code) || villages.township[villages.at.get(code)] !== township.township_code) {
    return null;
  }
  const layer = layerOf(state.layer);
  const row = villageOf(layer.id, code);
  const fact = (label, value) => (value ? [make("dt", {}, label), make("dd", {}, value)] : null);
  return make(
    "section",
    { class: "village-card", "aria-labelledby": "village-heading" },
    make("h2", { id: "village-heading", tabindex: "-1" }, villagePlace(code)),
    row
      ? make(
          "dl",
          { class: "facts" },
          fact(inLang(DATA.groups[layer.group]), villagePeople(row)),
          row.population === row.target_people && !row.target_modelled ? null : fact(say("population"), peopleText(row.population)),
          fact(say("village_coverage"), [coverageWords(row, "coverage"), " ", row.coverage === "undetermined" ? null : certaintyMark(row)]),
          fact(say("own_site_" + bond(layer)), siteNames(layer.id, row.own_site_id) || say("own_site_none")),
          fact(say("village_minutes"), villageMinutes(row)),
          fact(say("village_roads"), row.modelled_share === null ? null : say("village_modelled", { share: shareText(row.modelled_share) })),
          triedLayer(layer.id) ? fact(say("trial_before"), beforeWords(row)) : fact(say("village_after"), afterWords(row)),
        )
      : make("p", {}, say("village_nobody")),
    make("button", { type: "button", id: "village-close", on: { click: closeVillage } }, say("village_close")),
    row ? [" ", reviewButton("review-village", villagePlace(code), () => reviewVillage(code))] : null,
  );
}

function closeVillage() {
  change({ village: "" });
  byId("profile-heading").focus();
}

function coverageWords(row, column) {
  const key = coverageClass({ column }, row);
  return OUTSIDE_SCALE.includes(key) ? outsideText(key) : coverageText(key);
}

function villageMinutes(row) {
  return row.own_minutes === null ? outsideText(row.own_state === "measured" ? "unknown" : row.own_state) : datum(row.own_minutes, minutesText(row.own_minutes));
}

/** What the run said of a village that a trial changes. */
function beforeWords(row) {
  return row.change === "same" ? say("village_after_same") : [villageMinutes(row.was), say("comma"), coverageWords(row.was, "coverage")];
}

/** What the proposals change for a village. */
function afterWords(row) {
  if (row.coverage_after === row.coverage && row.own_minutes_after === row.own_minutes) {
    return say("village_after_same");
  }
  const minutes = row.own_minutes_after === null ? "" : say("comma") + minutesText(row.own_minutes_after);
  return coverageWords(row, "coverage_after") + minutes;
}

/** People of a village surely beyond the threshold or cut off. */
function villageBeyond(row) {
  return row.coverage === "uncovered" || row.coverage === "unreachable" ? row.target_people : 0;
}

/** The township's villages: most people beyond first, then the longest ways. */
function villageTable(township) {
  if (!ownCounty()) {
    return null;
  }
  const mine = villages.codes
    .filter((code, at) => villages.township[at] === township.township_code)
    .map((code) => villageOf(township.layer, code))
    .filter((row) => row);
  mine.sort(
    (one, other) =>
      villageBeyond(other) - villageBeyond(one) ||
      (other.own_minutes || 0) - (one.own_minutes || 0) ||
      (one.code < other.code ? -1 : 1),
  );
  const changed = triedLayer(township.layer); // the run's proposals say nothing of a trial
  const lines = mine.map((row) => [
    make("button", { type: "button", class: "link", "data-village": row.code, on: { click: () => chooseVillage(row.code) } }, villageName(row.code)),
    whole(row.target_people),
    whole(villageBeyond(row)),
    villageMinutes(row),
    coverageWords(row, "coverage"),
    changed ? beforeWords(row) : afterWords(row),
  ]);
  const heads = ["village", "village_people", "beyond_people", "minutes_short", "village_coverage", changed ? "trial_before" : "village_after"].map((key) => say(key));
  return make(
    "div",
    { id: "villages" },
    make("h3", {}, say("villages_heading", { n: mine.length })),
    mine.length ? makeTable(say("villages_caption"), heads, lines, { numeric: [1, 2, 3] }) : make("p", { class: "quiet" }, say("villages_none")),
    mine.some((row) => row.target_modelled) ? make("p", { class: "quiet" }, say("villages_modelled")) : null,
  );
}
