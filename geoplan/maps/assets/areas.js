// The townships: colour by class, county borders, the one selected, and a few words under the mouse.

let board = null; // the Leaflet map
let areaLayer = null;
let wholeArea = null; // bounds of all areas
let wholeZoom = 0; // at which they fill the map
let selectedLayer = null;
let dimLayer = null;
const areaOf = new Map();
const fillNow = new WeakMap(); // a shape on the map -> the fill it has

function drawAreas(map) {
  board = map;
  drawAround(map, DATA.tables.around);
  const townships = topojson.feature(shapes, shapes.objects.townships);
  const borders = topojson.mesh(shapes, shapes.objects.townships, (one, other) => {
    return one === other || ownCounty() || countyOfCode(one.id) !== countyOfCode(other.id);
  });
  const renderer = L.svg({ padding: 0.4 });
  areaLayer = L.geoJSON(townships, {
    renderer,
    smoothFactor: 0.4,
    style: () => ({ weight: 0.6, color: "#ffffff", fillOpacity: 1 }),
    onEachFeature: (feature, layer) => {
      areaOf.set(feature.id, layer);
      layer.on("click", () => chooseOnMap(feature.id));
    },
  }).addTo(map);
  wholeArea = boundsOf(places.codes);
  areaLayer.bindTooltip((layer) => areaWords(layer.feature.id), { sticky: true, direction: "top" });
  map.createPane("borders").style.zIndex = 420;
  map.getPane("borders").style.pointerEvents = "none";
  const over = { pane: "borders", renderer: L.svg({ pane: "borders", padding: 0.4 }), interactive: false };
  L.geoJSON(borders, { ...over, style: { color: "#3a474f", weight: 1.1, fill: false } }).addTo(map);
  dimLayer = L.geoJSON(null, { ...over, style: { stroke: false, fillColor: "#f4f5f2", fillOpacity: 0.72 } }).addTo(map);
  selectedLayer = L.geoJSON(null, { ...over, style: { color: "#101820", weight: 3.2, fill: false } }).addTo(map);
  if (ownCounty()) {
    drawVillages(map);
  }
}

/** On a narrow page the profile lies below the map, so the page moves on to it. */
function chooseOnMap(code) {
  change({ place: code, village: "" });
  if (window.matchMedia("(max-width: 760px)").matches) {
    byId("panel").scrollIntoView();
  }
}

function countyOfCode(code) {
  return places.county[places.at.get(code)];
}

function paintAreas() {
  const layer = layerOf(state.layer);
  const measure = measureOf(layer);
  paintVillages(layer, measure);
  if (isOfVillages(measure)) {
    return;
  }
  const colours = new Map(classesOf(layer, measure).map((each) => [each.key, each.colour]));
  for (const [code, area] of areaOf) {
    const row = rowOf(layer.id, code);
    const key = classOf(measure, row);
    paintShape(area, isPicked(key) ? fillOf(key, colours.get(key), isHatched(measure, row)) : UNPICKED);
  }
}

/** Fill a shape of the map, if it is not filled so already. */
function paintShape(shape, fill) {
  if (fillNow.get(shape) !== fill) {
    fillNow.set(shape, fill);
    shape.setStyle({ fillColor: fill });
  }
}

/** Everything outside the county looked at steps back. */
function dimOthers() {
  dimLayer.clearLayers();
  if (state.county) {
    for (const [code, area] of areaOf) {
      if (countyOfCode(code) !== state.county) {
        dimLayer.addData(area.feature);
      }
    }
  }
}

function outlineSelected() {
  selectedLayer.clearLayers();
  if (areaOf.has(state.place)) {
    const village = villageShapes.get(state.village);
    selectedLayer.addData((village && village.feature) || areaOf.get(state.place).feature);
  }
}

function areaWords(code) {
  const layer = layerOf(state.layer);
  const measure = measureOf(layer);
  const row = rowOf(layer.id, code);
  const certainty = isHatched(measure, row) ? "（" + sayFull("certainty.provisional") + "）" : "";
  return make(
    "div",
    {},
    make("strong", {}, placeName(code)),
    make("div", {}, measureName(measure) + asOfWords(measure) + say("colon") + valueText(measure, row) + certainty),
  );
}

function measureName(measure) {
  const layer = layerOf(state.layer);
  if (measure.id === "minutes" || measure.id === "village_minutes") {
    return say("measure_" + measure.id + "_" + bond(layer));
  }
  return say("measure_" + measure.id, { n: layer.minutes });
}

function boundsOf(codes) {
  const bounds = L.latLngBounds([]);
  for (const code of codes) {
    if (areaOf.has(code)) {
      bounds.extend(areaOf.get(code).getBounds());
    }
  }
  return bounds;
}

/** A point where the map shows it: shapes of a country on both sides of 180 degrees lie east of it. */
function onMap(lat, lon) {
  return [lat, lon < 0 && wholeArea.getEast() > 180 ? lon + 360 : lon];
}

/** Zooms from all of the page's areas to one of them, however large or small they are. */
function limitZoom(map) {
  wholeZoom = Math.min(map.getBoundsZoom(wholeArea, false, L.point(28, 28)), 20);
  map.setMinZoom(Math.min(5, Math.floor(wholeZoom)));
  map.setMaxZoom(Math.max(ownCounty() ? 16 : 14, Math.ceil(wholeZoom) + 3));
}

/** Codes of the townships that make up the first view: the main island where there is one. */
function mainCodes() {
  const layer = DATA.layers[0].id;
  const main = places.codes.filter((code) => {
    const row = rowOf(layer, code);
    return row && row.universe === "main_island";
  });
  return main.length ? main : places.codes;
}

function showBounds(codes) {
  const bounds = boundsOf(codes);
  if (bounds.isValid()) {
    const around = codes.length === 1 ? bounds.pad(0.7) : bounds;
    board.fitBounds(around, { padding: [14, 14], maxZoom: Math.max(ownCounty() ? 14 : 11, wholeZoom), animate: false });
  }
}

/** Buttons for the main island and for counties that lie on islands of their own. */
function drawViews() {
  const layer = DATA.layers[0].id;
  const away = ownCounty() && mainCodes().length < places.codes.length;
  const islands = ownCounty() ? [] : counties.codes.filter((county) =>
    places.codes.every(
      (code, at) => places.county[at] !== county || rowOf(layer, code).universe === "islands",
    ),
  );
  const view = (label, codes) =>
    make("button", { type: "button", on: { click: () => showBounds(codes()) } }, label);
  const zoom = (label, sign, step) =>
    make("button", { type: "button", "aria-label": label, on: { click: () => board.zoomIn(step) } }, sign);
  replace(
    byId("views"),
    zoom(say("zoom_in"), "＋", 1),
    zoom(say("zoom_out"), "－", -1),
    view(say(islands.length || away ? "main_island" : "whole_map"), mainCodes),
    away ? view(say("whole_map"), () => places.codes) : null,
    islands.map((county) =>
      view(countyName(county), () => places.codes.filter((code, at) => places.county[at] === county)),
    ),
  );
}
