// Need and access on one map: three classes of need by three of minutes. A letter tells the need (A low,
// C high), a digit the way (1 near, 3 far); C3 is high need, far.
//
// The nine colours are a mix of two ramps in OKLab (Ottosson 2020, bottosson.github.io/posts/oklab): from
// one light grey, each step of need adds the same step towards a dark blue, each step of minutes one
// towards a dark orange. Both axes grow darker by different amounts, so that all nine are told apart by
// lightness alone; blue against orange stays apart for eyes without red, green or blue cones. The hues,
// steps and chroma are those of a grid search for the largest least difference (CIEDE2000) of any two of
// the nine, as seen by such eyes; tests/test_colours.py counts it again.

const NEED_LETTERS = ["A", "B", "C"];
const NEED_WORDS = ["need_low", "need_middle", "need_high"];
const WAY_WORDS = ["way_near", "way_middle", "way_far"];
const LIGHTEST = 0.965;
const NEED_STEP = { light: 0.16, chroma: 0.065, hue: 260 };
const WAY_STEP = { light: 0.14, chroma: 0.065, hue: 65 };

const UNPICKED = "#eceeec"; // townships of the other classes, where one is picked out

const CELLS = NEED_LETTERS.flatMap((letter, need) => [0, 1, 2].map((way) => ({ key: letter + (way + 1), need, way, colour: mixed(need, way) })));

function mixed(need, way) {
  const along = (step, turn) => step.chroma * turn((step.hue * Math.PI) / 180);
  const light = LIGHTEST - need * NEED_STEP.light - way * WAY_STEP.light;
  return fromOklab(light, need * along(NEED_STEP, Math.cos) + way * along(WAY_STEP, Math.cos), need * along(NEED_STEP, Math.sin) + way * along(WAY_STEP, Math.sin));
}

/** An OKLab colour as #rrggbb. */
function fromOklab(light, a, b) {
  const [l, m, s] = [
    (light + 0.3963377774 * a + 0.2158037573 * b) ** 3,
    (light - 0.1055613458 * a - 0.0638541728 * b) ** 3,
    (light - 0.0894841775 * a - 1.291485548 * b) ** 3,
  ];
  const linear = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  const byte = (value) => Math.round(255 * (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055));
  return "#" + linear.map((value) => byte(Math.min(Math.max(value, 0), 1)).toString(16).padStart(2, "0")).join("");
}

/** Black or white, whichever stands out more. */
function inkOn(colour) {
  return luminance(colour) > 0.179 ? "#000000" : "#ffffff";
}

function needAccessClasses() {
  return CELLS.map(({ key, colour }) => ({ key, colour, label: cellWords(key) }));
}

/** Outside the scale as minutes are; where only the need is missing it is not known. */
function needAccessClass(measure, row) {
  if (row.own_minutes_mean === null) {
    return row.own_state === "measured" ? "unknown" : row.own_state;
  }
  if (row.need_percentile === null) {
    return "unknown";
  }
  const need = measure.need_edges.filter((edge) => row.need_percentile >= edge).length;
  const way = measure.minutes_edges.filter((edge) => row.own_minutes_mean > edge).length;
  return NEED_LETTERS[need] + (way + 1);
}

/** "C3: high need, far". */
function cellWords(key) {
  const { need, way } = CELLS.find((each) => each.key === key);
  return key + say("colon") + say(NEED_WORDS[need]) + say("comma") + say(WAY_WORDS[way]);
}

function needAccessText(measure, row) {
  const numbers = say("need_access_numbers", { need: decimal(row.need_percentile, 0), minutes: minutesText(row.own_minutes_mean) });
  return cellWords(needAccessClass(measure, row)) + say("bracket", { text: numbers });
}

/** For the profile: the class of a township, whatever the map shows. */
function needAccessFact(row) {
  const measure = layerOf(row.layer).measures.find(isNeedAccess);
  const key = needAccessClass(measure, row);
  return OUTSIDE_SCALE.includes(key) ? outsideText(key) : cellWords(key);
}

/** The key: a square with need upwards and minutes across; a cell picks out its townships. */
function needAccessSquare(layer, measure) {
  const counts = classCounts(layer, measure);
  const [half, minutes] = measure.minutes_edges.map(edgeOf);
  const [low, high] = measure.need_edges.map(edgeOf);
  const ways = [say("class_first_right", { to: half }), say("class_between", { from: half, to: minutes }), say("class_last_right", { from: minutes })];
  const needs = [say("class_first_left", { to: low }), say("class_between", { from: low, to: high }), say("class_last_left", { from: high })];
  const line = (letter, need) =>
    make(
      "tr",
      {},
      make("th", { scope: "row" }, make("strong", {}, say(NEED_WORDS[need])), make("span", {}, needs[need])),
      CELLS.filter((each) => each.need === need).map((each) => make("td", { "data-class": each.key }, cellButton(each, counts.get(each.key) || { firm: 0, provisional: 0 }))),
    );
  return make(
    "table",
    { class: "nine-classes" },
    make("caption", {}, say("need_access_caption")),
    make(
      "thead",
      {},
      make(
        "tr",
        {},
        make("th", { scope: "col" }, make("span", {}, say("need_access_up")), make("span", {}, say("need_access_across"))),
        WAY_WORDS.map((word, at) => make("th", { scope: "col" }, make("strong", {}, say(word)), make("span", {}, ways[at]))),
      ),
    ),
    make("tbody", {}, NEED_LETTERS.map(line).reverse()),
  );
}

function edgeOf(edge) {
  return String(Math.round(edge * 10) / 10);
}

function cellButton({ key, colour }, { firm, provisional }) {
  const button = make(
    "button",
    {
      type: "button",
      id: "cell-" + key,
      "aria-pressed": String(state.cell === key),
      on: { click: () => pickCell(key) },
    },
    make("strong", {}, key),
    make("span", {}, provisional ? say("need_access_n", { firm, provisional }) : String(firm)),
    make("span", { class: "unseen" }, say("need_access_cell", { cell: cellWords(key), firm, provisional })),
  );
  // No style attribute: the page's policy would refuse it.
  Object.assign(button.style, { backgroundColor: colour, color: inkOn(colour) });
  return button;
}

/** Picks out a class on map and list, or none again. */
function pickCell(key) {
  change({ cell: state.cell === key ? "" : key });
  tell(state.cell ? say("need_access_picked", { cell: cellWords(key), n: pickedRows().length }) : say("need_access_all"));
}

function pickedRows() {
  const measure = measureOf(layerOf(state.layer));
  return scopeRows(state.layer).filter((row) => classOf(measure, row) === state.cell);
}

function isPicked(key) {
  return !state.cell || key === state.cell;
}

/** Townships of the class picked, those with most people beyond first; null where none is. */
function pickedList() {
  if (!state.cell) {
    return null;
  }
  const rows = pickedRows();
  const heads = [say("township"), say("need"), say("minutes_short"), say("beyond_people")];
  const cells = rows.map((row) => [
    placeButton(row.township_code),
    datum(row.need_percentile, decimal(row.need_percentile, 0)),
    datum(row.own_minutes_mean, grouped(row.own_minutes_mean, 1)),
    datum(row.beyond_people, whole(row.beyond_people)),
  ]);
  const heading = say("need_access_picked", { cell: cellWords(state.cell), n: rows.length });
  return make("div", { id: "picked" }, make("h3", {}, heading), rows.length ? makeTable(heading, heads, cells, { numeric: [1, 2, 3] }) : null);
}

function needAccessNotes(layer, measure) {
  const told = { low: edgeOf(measure.need_edges[0]), high: edgeOf(measure.need_edges[1]), half: edgeOf(measure.minutes_edges[0]), minutes: edgeOf(measure.minutes_edges[1]) };
  return [say(measure.need_of_rule ? "need_access_rule" : "need_access_stated", told), say("need_access_pick")];
}
