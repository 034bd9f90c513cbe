// How minutes are spread over people, as pictures: the Lorenz curve with its Gini coefficient, and
// people by classes of minutes. Those without minutes have no place on that scale, and are often most:
// they stand in a strip below it, as their share of everybody. A slider goes through the points or
// bars and tells each in a sentence; a table has the same figures.

const CURVE_BOX = { left: 34, right: 230, top: 10, bottom: 206 };
const BARS_BOX = { left: 8, right: 334, top: 14, bottom: 142 };
const STRIP_BOX = { top: 168, bottom: 184 };
const APART = ["unreachable", "undetermined", "unknown"]; // never part of the scale of minutes
const TENTHS = 10;

/** The pictures of each universe and scope with people in it; the first is open. */
function spreadPart(layer) {
  const classes = ofLayer("minutes_classes", layer);
  const points = ofLayer("lorenz", layer);
  return SCOPES.filter((of) => classes.some(isOf(of))).map((of, at) => {
    const gini = behind.equity.find((each) => isOf(of)(each) && each.layer === layer.id && each.quantity === "own_minutes" && each.figure === "gini");
    const curve = { points: points.filter(isOf(of)), gini: gini && gini.value, kind: "now" };
    return make(
      "details",
      { class: "spread", "data-scope": of.universe + " " + of.scope, open: at === 0 },
      make("summary", {}, say("spread_heading", { scope: scopeName(of) })),
      spreadPair(layer, classes.filter(isOf(of)), [curve]),
    );
  });
}

function isOf({ universe, scope }) {
  return (each) => each.universe === universe && each.scope === scope;
}

/** Curve, classes and table; the last curve is the one that is gone through, one before it is grey. */
function spreadPair(layer, classes, curves) {
  const drawn = curves.filter((each) => each.points.length);
  const last = drawn[drawn.length - 1];
  return [
    make("div", { class: "spread-pair" }, last ? lorenzFigure(drawn) : make("p", { class: "quiet" }, say("spread_none")), classesFigure(layer, classes)),
    make(
      "details",
      { class: "spread-table" },
      make("summary", {}, say("spread_table")),
      classesTable(classes),
      last ? lorenzTable(last.points) : null,
    ),
  ];
}

// ---- the Lorenz curve ----

function lorenzFigure(curves) {
  const { points } = curves[curves.length - 1];
  const x = (share) => CURVE_BOX.left + (CURVE_BOX.right - CURVE_BOX.left) * share;
  const y = (share) => CURVE_BOX.bottom - (CURVE_BOX.bottom - CURVE_BOX.top) * share;
  const at = (point) => x(point.people_share).toFixed(1) + " " + y(point.minutes_share).toFixed(1);
  const path = (some) => "M" + some.map(at).join("L");
  const dot = makeSvg("circle", { class: "spread-mark spread-dot", r: 4 });
  const quarters = [0, 0.25, 0.5, 0.75, 1];
  const label = (share) => Math.round(share * 100) + "%";
  const picture = makeSvg(
    "svg",
    { viewBox: "0 0 240 226", "aria-hidden": "true", focusable: "false" },
    quarters.map((share) => [
      makeSvg("path", { class: "spread-grid", d: "M" + x(share) + " " + y(0) + "V" + y(1) + "M" + x(0) + " " + y(share) + "H" + x(1) }),
      makeSvg("text", { x: x(share), y: y(0) + 14, "text-anchor": share === 1 ? "end" : "middle" }, label(share)),
      makeSvg("text", { x: x(0) - 5, y: y(share) + 3.5, "text-anchor": "end" }, label(share)),
    ]),
    makeSvg("path", { class: "spread-area", d: path(points) + "Z" }),
    makeSvg("path", { class: "spread-even", d: "M" + x(0) + " " + y(0) + "L" + x(1) + " " + y(1) }),
    curves.map((each) => makeSvg("path", { class: "spread-curve " + each.kind, d: path(each.points) })),
    dot,
  );
  const middle = points.findIndex((point) => point.people_share >= 0.5);
  const near = (share) => nearestTo(points.map((point) => point.people_share), share);
  return steppedFigure("lorenz", picture, {
    keys: [
      curves.map((each) => make("span", { class: "spread-key " + each.kind }, giniWords(each))),
      make("span", { class: "spread-key even" }, say("spread_even")),
    ],
    axes: say("spread_lorenz_axes"),
    length: points.length,
    first: middle,
    tell: (number) => lorenzWords(points[number]),
    mark: (number) => ({ cx: x(points[number].people_share), cy: y(points[number].minutes_share) }),
    under: (along) => near((along - CURVE_BOX.left) / (CURVE_BOX.right - CURVE_BOX.left)),
  });
}

function giniWords(curve) {
  const value = curve.gini === null || curve.gini === undefined ? say("unknown") : datum(curve.gini, grouped(curve.gini, 3));
  return [sayFull("spread.figure.gini"), " ", make("strong", {}, value), curve.kind === "now" ? null : say("bracket", { text: say("trial_" + curve.kind) })];
}

function lorenzWords(point) {
  return point.people_share === 0
    ? say("spread_point_first")
    : say("spread_point", { share: shareText(point.people_share), minutes: grouped(point.minutes, 1), part: shareText(point.minutes_share) });
}

/** The first point at or above each tenth of people. */
function lorenzTable(points) {
  const tenths = Array.from({ length: TENTHS }, (nothing, at) => points.find((point) => point.people_share * TENTHS >= at + 1 - 1e-9) || points[points.length - 1]);
  const rows = tenths.map((point) => [
    datum(point.people_share, shareText(point.people_share)),
    datum(point.minutes, grouped(point.minutes, 1)),
    datum(point.minutes_share, shareText(point.minutes_share)),
  ]);
  const heads = ["spread_people_share", "spread_at_most", "spread_minutes_share"].map((key) => say(key));
  return makeTable(say("spread_lorenz_caption"), heads, rows, { numeric: [0, 1, 2], showCaption: true, class: "spread-points" });
}

// ---- people by classes of minutes ----

function classesFigure(layer, classes) {
  const measured = classes.filter((each) => each.state === "measured");
  const wide = (BARS_BOX.right - BARS_BOX.left) / measured.length;
  const left = (number) => BARS_BOX.left + number * wide;
  const sum = (some, name) => some.reduce((people, each) => people + each[name], 0);
  const all = sum(classes, "people");
  const far = sum(measured, "people_beyond");
  const parts = [["near", sum(measured, "people") - far, NEAR_COLOUR], ["far", far, FAR_COLOUR]];
  parts.push(...classes.filter((each) => each.state !== "measured").map((each) => [each.state, each.people, null]));
  const strip = stripOf(parts, all);
  const bars = measured.some((each) => each.people || each.people_before);
  const frame = makeSvg("rect", { class: "spread-mark spread-frame" });
  const picture = makeSvg(
    "svg",
    { viewBox: bars ? "0 0 340 188" : "0 164 340 24", "aria-hidden": "true", focusable: "false" },
    bars ? classBars(measured, layer.minutes, wide, left) : null,
    strip.map(({ x, width, fill_ }) => makeSvg("rect", { class: "spread-strip", x, width, y: STRIP_BOX.top, height: STRIP_BOX.bottom - STRIP_BOX.top, fill: fill_ })),
    frame,
  );
  const key = ([name, people, colour]) => make("span", { class: "spread-key", "data-people": name }, swatch(name, colour, false), say("spread_people_" + name, { minutes: layer.minutes }), " ", datum(people, peopleText(people)));
  const place = (number) => {
    const part = strip.find((each) => each.name === classes[number].state) || { x: 0, width: 0 };
    return classes[number].state === "measured" ? { x: left(number), width: wide, y: BARS_BOX.top, height: BARS_BOX.bottom - BARS_BOX.top } : { x: part.x, width: part.width, y: STRIP_BOX.top - 2, height: STRIP_BOX.bottom - STRIP_BOX.top + 4 };
  };
  const inStrip = (x) => classes.findIndex((each) => each.state === (strip.find((part) => x < part.x + part.width) || {}).name);
  return steppedFigure("classes", picture, {
    keys: [
      parts.filter(([, people, colour]) => people || colour).map(key),
      classes.some((each) => "people_before" in each) ? make("span", { class: "spread-key outline" }, say("trial_before")) : null,
    ],
    axes: say("spread_classes_axes", { minutes: layer.minutes, group: inLang(DATA.groups[layer.group]) }),
    length: classes.length,
    first: classes.findIndex((each) => each.people === Math.max(...(bars ? measured : classes).map((one) => one.people))),
    tell: (number) => classWords(classes[number], all, layer.minutes),
    mark: place,
    under: (x, y) => (y > STRIP_BOX.top - 4 ? inStrip(x) : Math.max(0, Math.min(measured.length - 1, Math.floor((x - BARS_BOX.left) / wide)))),
  });
}

/** Everybody as one strip: where each part of [name, people, colour] begins and how wide it is. */
function stripOf(parts, all) {
  let upto = 0;
  const x = () => BARS_BOX.left + ((BARS_BOX.right - BARS_BOX.left) * upto) / (all || 1);
  return parts.map(([name, people, colour]) => {
    const begin = x();
    upto += people;
    return { name, x: begin, width: x() - begin, fill_: colour || fillOf(name, null, false) };
  });
}

/** The bars of those whose minutes are known, on a scale of their own. */
function classBars(measured, minutes, wide, left) {
  const most = Math.max(1, ...measured.map((each) => Math.max(each.people, each.people_before || 0)));
  const high = (people) => ((BARS_BOX.bottom - BARS_BOX.top) * people) / most;
  const line = roundBelow(most);
  const every = Math.ceil(measured.length / 6);
  const ends = measured.slice(0, -1).map((each, number) => [each.upto_minutes, number + 1]);
  return [
    makeSvg("path", { class: "spread-grid", d: "M" + BARS_BOX.left + " " + (BARS_BOX.bottom - high(line)) + "H" + BARS_BOX.right }),
    measured.map((each, number) => classBar(each, left(number), wide, high)),
    makeSvg("path", { class: "spread-axis", d: "M" + BARS_BOX.left + " " + BARS_BOX.bottom + "H" + BARS_BOX.right }),
    [[0, 0], ...ends].filter(([, number]) => number % every === 0).map(([upto, number]) => makeSvg("text", { x: left(number), y: BARS_BOX.bottom + 14, "text-anchor": "middle" }, String(upto))),
    thresholdLine(left(Math.min(minutes / measured[0].upto_minutes, measured.length))),
    makeSvg("text", { class: "spread-scale", x: BARS_BOX.right, y: BARS_BOX.bottom - high(line) - 4, "text-anchor": "end" }, grouped(line, 0)),
  ];
}

const NEAR_COLOUR = "#9cc3cd";
const FAR_COLOUR = "#8c3a10";

/** A bar with the people surely beyond the threshold on top, darker; as a trial finds it, with an
 * outline of what was before. */
function classBar(each, x, wide, high) {
  const bar = (people, from, fill_) => (people ? makeSvg("rect", { x: x + wide * 0.06, width: wide * 0.88, y: BARS_BOX.bottom - high(from + people), height: high(people), fill: fill_ }) : null);
  const before = each.people_before
    ? makeSvg("path", { class: "spread-before", d: "M" + x + " " + BARS_BOX.bottom + "V" + (BARS_BOX.bottom - high(each.people_before)) + "h" + wide + "V" + BARS_BOX.bottom })
    : null;
  const near = each.people - each.people_beyond;
  return [bar(near, 0, NEAR_COLOUR), bar(each.people_beyond, near, FAR_COLOUR), before];
}

function thresholdLine(x) {
  return makeSvg("path", { class: "spread-threshold", d: "M" + x + " " + (BARS_BOX.top - 8) + "V" + BARS_BOX.bottom });
}

/** The greatest of 1, 2, 5, 10 ... that is not above a number from 1. */
function roundBelow(number) {
  const power = 10 ** Math.floor(Math.log10(number) + 1e-9);
  return [5, 2, 1].find((step) => step * power <= number) * power;
}

function rangeWords(each) {
  if (each.state !== "measured") {
    return outsideText(each.state);
  }
  const told = { over: each.over_minutes, upto: each.upto_minutes };
  return say(each.upto_minutes === null ? "spread_last" : each.over_minutes ? "spread_between" : "spread_first", told);
}

function classWords(each, all, minutes) {
  const told = { range: rangeWords(each), n: peopleText(each.people), share: shareText(all ? each.people / all : 0), minutes };
  const beyond = each.state === "measured" && each.people_beyond ? say("spread_class_beyond", { n: peopleText(each.people_beyond), minutes }) : "";
  const before = "people_before" in each ? say("spread_class_before", { n: peopleText(each.people_before) }) : "";
  return say("spread_class", told) + beyond + before;
}

function classesTable(classes) {
  const tried = "people_before" in classes[0];
  const rows = classes.map((each) => [
    rangeWords(each),
    ...(tried ? [datum(each.people_before, whole(each.people_before))] : []),
    datum(each.people, whole(each.people)),
    datum(each.people_beyond, whole(each.people_beyond)),
  ]);
  const heads = [say("spread_range"), ...(tried ? [say("trial_before")] : []), say("spread_people"), say("spread_beyond")];
  return makeTable(say("spread_classes_caption"), heads, rows, { numeric: [1, 2, 3], showCaption: true, class: "spread-classes" });
}

// ---- a picture that is gone through ----

/** `of`: keys below the picture, words for its axes, how many things it shows and which is told first,
 * its sentence, attributes of its mark, and which stands under a point of the picture (-1: none). */
function steppedFigure(name, picture, of) {
  const show = (figure, number) => {
    const [slider, told, mark] = ["input", ".spread-told", ".spread-mark"].map((where) => figure.querySelector(where));
    slider.value = String(number);
    told.textContent = of.tell(number);
    fill(slider, { "aria-valuetext": told.textContent }, []);
    fill(mark, of.mark(number), []);
  };
  const point = (event) => {
    const drawn = event.currentTarget;
    const [box, view] = [drawn.getBoundingClientRect(), drawn.viewBox.baseVal];
    const scale = view.width / box.width;
    const number = of.under(view.x + (event.clientX - box.left) * scale, view.y + (event.clientY - box.top) * scale);
    if (number >= 0) {
      show(drawn.closest("figure"), number);
    }
  };
  const turn = ({ currentTarget }) => show(currentTarget.closest("figure"), Number(currentTarget.value));
  const figure = make(
    "figure",
    { class: "spread-figure", "data-figure": name },
    make("figcaption", {}, make("strong", {}, say("spread_" + name)), " ", make("span", { class: "quiet" }, of.axes)),
    make("p", { class: "quiet spread-keys" }, of.keys),
    fill(picture, { on: { pointermove: point } }, []),
    make("input", { type: "range", min: 0, max: of.length - 1, step: 1, "aria-label": say("spread_slider_" + name), on: { input: turn } }),
    make("p", { class: "spread-told" }),
  );
  show(figure, of.first);
  return figure;
}

function nearestTo(values, wanted) {
  return values.reduce((best, value, at) => (Math.abs(value - wanted) < Math.abs(values[best] - wanted) ? at : best), 0);
}
