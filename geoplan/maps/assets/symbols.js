// Sites on the map. The shape says which service; the outline says how well the place is known:
// filled = a point to measure to, hollow = township only, struck through = doubtful point,
// large and dashed with a plus = an area to search for a new site; of a trial, a ring with a dot = a
// site that is opened, a cross = one that is closed. Nothing is a house pin. Where they would hide
// the colours below them they are drawn small, in the legend too: an area to search is a plus then.

const SYMBOL_COLOURS = { circle: "#17489a", square: "#00806e", triangle: "#5a1040", diamond: "#000000" };
const SIGNS = { circle: "●", square: "■", triangle: "▲", diamond: "◆" };
const KINDS = ["distance", "township", "suspect", "area", "planned", "shut"];
// Where several services are shown, each steps aside a little, so that none hides another.
const ASIDE = [[-5, -5], [5, -5], [-5, 5], [5, 5]];
const ROOM_AT_7 = 100; // symbols that the map has room for at zoom 7

let SiteMark = null;
let siteGroup = null;
let crowded = false; // whether symbols are drawn small
const marksOf = new Map(); // what a symbol shows and where -> its marks on the map
let searchAreas = null;
let searchAreasDrawn = ""; // which outlines stand on the map

function shapePath(shape, x, y, size) {
  if (shape === "square") {
    const half = size * 0.88;
    return polygonPath([[x - half, y - half], [x + half, y - half], [x + half, y + half], [x - half, y + half]]);
  }
  if (shape === "triangle") {
    return polygonPath([[x, y - size * 1.15], [x + size * 1.08, y + size * 0.8], [x - size * 1.08, y + size * 0.8]]);
  }
  if (shape === "diamond") {
    return polygonPath([[x, y - size * 1.25], [x + size * 1.1, y], [x, y + size * 1.25], [x - size * 1.1, y]]);
  }
  const left = (x - size).toFixed(1) + "," + y.toFixed(1);
  const arc = "a" + size + "," + size + " 0 1,0 ";
  return "M" + left + arc + size * 2 + ",0" + arc + -size * 2 + ",0Z";
}

function polygonPath(points) {
  return "M" + points.map(([x, y]) => x.toFixed(1) + "," + y.toFixed(1)).join("L") + "Z";
}

function plusPath(x, y, size) {
  return "M" + (x - size) + "," + y + "h" + size * 2 + "M" + x + "," + (y - size) + "v" + size * 2;
}

function crossPath(x, y, size) {
  return linePath([[x - size, y - size], [x + size, y + size]]) + linePath([[x - size, y + size], [x + size, y - size]]);
}

function linePath([[x, y], [toX, toY]]) {
  return "M" + x.toFixed(1) + "," + y.toFixed(1) + "L" + toX.toFixed(1) + "," + toY.toFixed(1);
}

/** Parts of a symbol: [{path, style}], drawn from back to front. */
function symbolParts(shape, kind, planner, x, y, size) {
  const colour = SYMBOL_COLOURS[shape];
  const outline = shapePath(shape, x, y, size);
  const parts = [];
  if (planner) {
    parts.push([shapePath("circle", x, y, size * 1.9), { fill: false, color: "#101820", weight: 1.6 }]);
  }
  if (kind === "area" && crowded) {
    const plus = plusPath(x, y, size * 1.1);
    parts.push([plus, { fill: false, color: "#ffffff", weight: 3 }]);
    parts.push([plus, { fill: false, color: colour, weight: 1.5 }]);
  } else if (kind === "area") {
    const large = shapePath(shape, x, y, size * 1.45);
    parts.push([large, { fillColor: "#ffffff", fillOpacity: 0.75, color: "#ffffff", weight: 3.4 }]);
    parts.push([large, { fill: false, color: colour, weight: 1.7, dashArray: "3 2.4" }]);
    parts.push([plusPath(x, y, size * 0.62), { fill: false, color: colour, weight: 1.9 }]);
  } else if (kind === "planned") {
    parts.push([shapePath(shape, x, y, size * 1.35), { fillColor: "#ffffff", fillOpacity: 1, color: colour, weight: 2.4 }]);
    parts.push([shapePath(shape, x, y, size * 0.5), { fillColor: colour, fillOpacity: 1, color: colour, weight: 0 }]);
  } else if (kind === "shut") {
    parts.push([crossPath(x, y, size * 0.9), { fill: false, color: "#ffffff", weight: 5 }]);
    parts.push([crossPath(x, y, size * 0.9), { fill: false, color: "#3d464c", weight: 2.2 }]);
  } else if (kind === "distance") {
    parts.push([outline, { fillColor: colour, fillOpacity: 1, color: "#ffffff", weight: crowded ? 1 : 1.5 }]);
  } else {
    parts.push([outline, { fillColor: "#ffffff", fillOpacity: 1, color: "#ffffff", weight: crowded ? 2.4 : 3.4 }]);
    const line = { fill: false, color: colour, weight: crowded ? 1.3 : 1.8 };
    const stroke = size * 1.3;
    const struck = "M" + (x - stroke) + "," + (y + stroke) + "L" + (x + stroke) + "," + (y - stroke);
    parts.push([kind === "suspect" ? outline + struck : outline, line]);
  }
  return parts;
}

function symbolPicture(shape, kind, planner) {
  const parts = symbolParts(shape, kind, planner, 13, 11, 6);
  return makeSvg(
    "svg",
    { class: "symbol", viewBox: "0 0 26 22", "aria-hidden": "true", focusable: "false" },
    parts.map(([d, style]) =>
      makeSvg("path", {
        d,
        fill: style.fill === false ? "none" : style.fillColor,
        "fill-opacity": style.fillOpacity,
        stroke: style.color,
        "stroke-width": style.weight,
        "stroke-dasharray": style.dashArray,
      }),
    ),
  );
}

function drawSites(map) {
  map.createPane("sites").style.zIndex = 450;
  const renderer = L.svg({ pane: "sites", padding: 0.4 });
  SiteMark = L.CircleMarker.extend({
    _updatePath() {
      const [x, y] = [this._point.x + this.options.aside[0], this._point.y + this.options.aside[1]];
      const path = symbolParts(this.options.shape, this.options.kind, this.options.planner, x, y, this._radius);
      this._renderer._setPath(this, path[this.options.part][0]);
    },
  });
  SiteMark.mergeOptions({ pane: "sites", renderer });
  searchAreas = L.geoJSON(null, {
    pane: "borders",
    renderer: selectedLayer.options.renderer,
    interactive: false,
    style: (feature) => ({
      color: feature.properties.colour,
      weight: 1.8,
      dashArray: "6 4",
      fill: false,
    }),
  }).addTo(map);
  siteGroup = L.layerGroup().addTo(map);
  map.on("zoomend", paintSites);
}

/** Size of a symbol in pixels: small where the whole country is seen, smaller where it is full of them. */
function symbolSize() {
  const size = Math.max(4, Math.min(8, 4.3 + (board.getZoom() - 7) * 1.05));
  return crowded ? size * 0.75 : size;
}

/** Whether so many symbols on so small a map leave little of its colours; an area to search, drawn
 * large, counts twice. Each step of zoom has room for four times as many. */
function isCrowded(sites) {
  const areas = sites.filter((site) => site.status === "proposed").length;
  return sites.length + areas > ROOM_AT_7 * 4 ** (board.getZoom() - 7);
}

function kindOf(site) {
  if (site.status === "proposed") {
    return "area";
  }
  if (site.status === "planned" || site.status === "shut") {
    return site.status;
  }
  return site.lon === null ? "none" : site.point_use;
}

/** Sites of the layers and kinds that are switched on and have a place to be drawn at. */
function drawnSites() {
  const shown = DATA.layers.filter((layer) => shownLayers.has(layer.id)).flatMap((layer) => sitesIn(layer.id));
  return shown.filter(
    (site) =>
      (site.status !== "proposed" || (shownKinds.has("proposed") && standsByYear(site) && inScope(site.county_code))) &&
      KINDS.includes(kindOf(site)),
  );
}

/** Draw the sites that are not drawn yet, and take away those that are drawn and no longer there. */
function paintSites() {
  const visible = DATA.layers.filter((layer) => shownLayers.has(layer.id)).map((layer) => layer.id);
  const drawn = drawnSites().filter((site) => site.lon !== null);
  if (crowded !== isCrowded(drawn)) {
    crowded = !crowded;
    drawSymbols();
  }
  // Existing sites lie above areas to search.
  drawn.sort((one, other) => Number(one.status === "existing") - Number(other.status === "existing"));
  const kept = new Set();
  const size = crowded + " " + symbolSize();
  for (const site of drawn) {
    const aside = visible.length > 1 ? ASIDE[visible.indexOf(site.layer) % ASIDE.length] : [0, 0];
    const key = [site.layer, site.site_id, kindOf(site), aside, size].join(" ");
    kept.add(key);
    if (!marksOf.has(key)) {
      marksOf.set(key, addSymbol(site, layerOf(site.layer), aside));
      if (kindOf(site) === "area") {
        [...marksOf.get(key)].reverse().forEach((mark) => mark.bringToBack());
      }
    }
  }
  for (const [key, marks] of marksOf) {
    if (!kept.has(key)) {
      marks.forEach((mark) => siteGroup.removeLayer(mark));
      marksOf.delete(key);
    }
  }
  outlineSearchAreas(drawn);
}

/** Seen near enough, the township to search in is outlined; those of the service looked at only. */
function outlineSearchAreas(drawn) {
  const near = board.getZoom() >= 8.5;
  const wanted = drawn.filter((site) => near && site.status === "proposed" && site.layer === state.layer && areaOf.has(site.township_code));
  const codes = wanted.map((site) => site.township_code);
  const key = [state.layer, ...codes].join(" ");
  if (key === searchAreasDrawn) {
    return;
  }
  searchAreasDrawn = key;
  searchAreas.clearLayers();
  const colour = SYMBOL_COLOURS[layerOf(state.layer).symbol];
  codes.forEach((code) => searchAreas.addData({ ...areaOf.get(code).feature, properties: { colour } }));
}

function addSymbol(site, layer, aside) {
  const planner = site.origin === "planner";
  const options = { shape: layer.symbol, kind: kindOf(site), planner, aside, radius: symbolSize() };
  const parts = symbolParts(options.shape, options.kind, planner, 0, 0, options.radius);
  return parts.map(([, style], part) =>
    new SiteMark(onMap(site.lat, site.lon), { fill: true, lineCap: "butt", ...style, ...options, part, fillRule: "nonzero", className: part ? "" : "of-" + options.kind })
      .bindPopup(() => siteCard(site), { maxWidth: 320 })
      .addTo(siteGroup),
  );
}

/** What is known of a site, as text only. */
function siteCard(site) {
  const layer = layerOf(site.layer);
  const line = (key, value) => (value ? make("div", {}, say(key) + say("colon") + value) : null);
  if (site.status === "proposed") {
    return make(
      "div",
      { class: "site-card" },
      make("strong", {}, say("area_to_search", { place: placeName(site.township_code) })),
      make("div", {}, inLang(layer)),
      line("order", site.order === null ? null : String(site.order)),
      line("plan_opens", site.year ? yearText(Number(site.year)) : null),
      line("gain", site.gain === null ? null : peopleText(site.gain)),
      site.conditional ? make("div", { class: "caution" }, say("conditional")) : null,
      make("div", { class: "quiet" }, say("area_warning")),
      siteButton(site),
    );
  }
  if (site.status === "planned") {
    return make(
      "div",
      { class: "site-card" },
      make("strong", {}, site.name),
      make("div", {}, inLang(layer)),
      make("div", { class: "quiet" }, say("trial_site_warning")),
      siteButton(site),
    );
  }
  return make(
    "div",
    { class: "site-card" },
    make("strong", {}, site.name),
    make("div", {}, inLang(layer)),
    make("div", {}, kindWords(site)),
    line("address", site.address),
    line("phone", site.phone),
    site.own_residents ? line("own_residents", peopleText(site.own_residents)) : null,
    line("source", [site.source, site.source_date && inLang(DATA.dates[site.source_date])].filter((part) => part).join(" · ")),
    line("remark", site.note),
    site.origin === "planner" ? make("div", { class: "caution" }, say("planner_row")) : null,
    siteButton(site),
  );
}

function kindWords(site) {
  return say("kind_" + (kindOf(site) === "none" ? "none" : kindOf(site)));
}
