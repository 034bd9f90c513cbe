// The counties on a map: the main island, and counties on islands of their own in boxes beside it.

const MAP_HEIGHT = 1000;
const INSET = 200;

/** From degrees to a picture: true at the middle, north up. */
function projection([west, south, east, north], width, height, left, top) {
  const flat = Math.cos(((south + north) / 2) * (Math.PI / 180));
  const scale = Math.min(width / ((east - west) * flat), height / (north - south));
  const [x, y] = [left + (width - (east - west) * flat * scale) / 2, top + (height - (north - south) * scale) / 2];
  return ([lon, lat]) => [x + (lon - west) * flat * scale, y + (north - lat) * scale];
}

function pathOf(geometry, at) {
  return geometry.coordinates
    .flat()
    .map((ring) => "M" + ring.map((point) => at(point).map((each) => each.toFixed(1)).join(",")).join("L") + "Z")
    .join("");
}

function boundsOf(geometry) {
  const points = geometry.coordinates.flat(2);
  const [lon, lat] = [points.map((point) => point[0]), points.map((point) => point[1])];
  return [Math.min(...lon), Math.min(...lat), Math.max(...lon), Math.max(...lat)];
}

function drawMap() {
  const shapes = new Map(topojson.feature(DATA.topology, DATA.topology.objects.counties).features.map((each) => [each.id, each.geometry]));
  const [west, south, east, north] = DATA.main;
  const flat = Math.cos(((south + north) / 2) * (Math.PI / 180));
  const mainWidth = (MAP_HEIGHT * (east - west) * flat) / (north - south);
  const away = DATA.counties.filter((county) => county.away && DATA.counties.some((each) => !each.away));
  const left = away.length ? INSET + 20 : 0;
  const width = left + mainWidth;
  const main = projection(DATA.main, mainWidth - 20, MAP_HEIGHT - 20, left + 10, 10);
  const ofMain = DATA.counties.filter((county) => !away.includes(county)).map((county) => countyShape(county, shapes.get(county.code), main));
  const boxes = away.map((county, at) => {
    const top = 20 + at * (INSET + 20);
    const into = projection(boundsOf(shapes.get(county.code)), INSET - 20, INSET - 20, 20, top + 10);
    return [makeSvg("rect", { class: "inset", x: 10, y: top, width: INSET, height: INSET }), countyShape(county, shapes.get(county.code), into), makeSvg("text", { x: 18, y: top + INSET - 10, "aria-hidden": "true" }, inLang(county))];
  });
  replace(
    byId("start-map"),
    makeSvg(
      "svg",
      { viewBox: "0 0 " + Math.round(width) + " " + MAP_HEIGHT, role: "group", "aria-label": sayStart("map_label") },
      ofMain,
      boxes,
    ),
  );
}

function countyShape(county, geometry, at) {
  const measure = beyondMeasure();
  const row = countyRow(county);
  const key = classOf(measure, row);
  const found = classesOf(chosenLayer(), measure).find((each) => each.key === key);
  const words = inLang(county) + say("colon") + valueWords(row, key);
  return makeSvg(
    "a",
    { href: countyLink(county), "aria-label": words },
    makeSvg("title", {}, words),
    makeSvg("path", { d: pathOf(geometry, at), fill: fillOf(key, found && found.colour, row.certainty === "provisional"), "data-county": county.code }),
  );
}

function valueWords(row, key) {
  const certainty = say("bracket", { text: sayFull("certainty." + row.certainty) });
  return (OUTSIDE_SCALE.includes(key) ? outsideText(key) : shareText(row.share)) + certainty;
}

/** Classes with the number of counties, firm and provisional. */
function drawKey() {
  const measure = beyondMeasure();
  const counts = new Map();
  for (const row of DATA.counties.map(countyRow)) {
    const key = classOf(measure, row) + (row.certainty === "provisional" ? " hatched" : "");
    counts.set(key, (counts.get(key) || 0) + 1);
  }
  const classes = [...classesOf(chosenLayer(), measure).reverse(), ...OUTSIDE_SCALE.map((key) => ({ key, label: outsideText(key), colour: null }))];
  const lines = classes.flatMap(({ key, label, colour }) =>
    [false, true]
      .filter((hatched) => counts.has(key + (hatched ? " hatched" : "")))
      .map((hatched) => {
        const certainty = sayFull("certainty." + (hatched ? "provisional" : "firm"));
        const number = counts.get(key + (hatched ? " hatched" : ""));
        return make("li", { "data-class": key, "data-hatched": String(hatched) }, swatch(key, colour, hatched), label + say("dot") + certainty, " ", make("span", { class: "number" }, String(number)));
      }),
  );
  const told = { group: inLang(DATA.groups[chosenLayer().group]), minutes: chosenLayer().minutes };
  replace(byId("start-key"), make("p", {}, sayStart("key", told)), make("ul", {}, lines), make("p", { class: "quiet" }, sayStart("key_note")));
}
