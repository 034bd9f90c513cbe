// What is being looked at. It stands in the address after the #, so that a link shows the same.

const state = { lang: "zh", layer: null, measure: "status", county: "", place: "", village: "", year: "", cell: "" };
const shownLayers = new Set();
const shownKinds = new Set(["proposed"]);
const listeners = [];

function onChange(listener) {
  listeners.push(listener);
}

/** Change some of the state and let every part of the page follow. */
function change(parts) {
  if (parts.layer && parts.layer !== state.layer) {
    shownLayers.clear();
    shownLayers.add(parts.layer);
  }
  Object.assign(state, parts);
  const measures = layerOf(state.layer).measures.map((measure) => measure.id);
  if (!measures.includes(state.measure)) {
    state.measure = measures.find((id) => isSupply(id)) && wasSupply(parts) ? measures.find(isSupply) : "status";
  }
  state.cell = state.measure === "need_access" ? state.cell : "";
  writeAddress();
  for (const listener of listeners) {
    listener(new Set(Object.keys(parts)));
  }
}

function isSupply(id) {
  return ["residents_per_site", "sites_per_1000", "sites_within_reach"].includes(id);
}

function wasSupply(parts) {
  return "layer" in parts && isSupply(state.measure);
}

function writeAddress() {
  const set = Object.entries(state).filter(([, value]) => value);
  const hash = set.map(([name, value]) => name + "=" + encodeURIComponent(value)).join("&");
  history.replaceState(null, "", "#" + hash);
}

/** Read the address; what it names but the data do not hold is ignored. */
function readAddress() {
  const asked = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  const layer = layerOf(asked.layer) || DATA.layers[0];
  state.layer = layer.id;
  state.lang = asked.lang === "en" ? "en" : "zh";
  state.measure = layer.measures.some((each) => each.id === asked.measure) ? asked.measure : "status";
  state.county = ownCounty() || (counties.at.has(asked.county) ? asked.county : "");
  state.place = places.at.has(asked.place) ? asked.place : "";
  state.year = planYears().slice(0, -1).includes(asked.year) ? asked.year : "";
  state.village = villages.at.has(asked.village) ? asked.village : "";
  state.cell = state.measure === "need_access" && CELLS.some((each) => each.key === asked.cell) ? asked.cell : "";
  shownLayers.clear();
  shownLayers.add(layer.id);
}
