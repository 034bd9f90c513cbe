// Fills that are not a plain colour: provisional figures are hatched, what is unknown is patterned.

const madePatterns = new Set();

/** The fill of a class: a colour, or the address of a pattern. */
function fillOf(key, colour, hatched) {
  if (OUTSIDE_SCALE.includes(key)) {
    return pattern("outside-" + key + (hatched ? "-hatched" : ""), () => outsideParts(key, hatched));
  }
  if (key === "uncovered" || key === "gained") {
    return pattern("coverage-" + key + (hatched ? "-hatched" : ""), () => coverageParts(key, colour, hatched));
  }
  return hatched ? pattern("hatched-" + colour.slice(1), () => hatch(colour)) : colour;
}

function pattern(id, parts) {
  if (!madePatterns.has(id)) {
    madePatterns.add(id);
    byId("patterns").append(
      makeSvg("pattern", { id, width: 8, height: 8, patternUnits: "userSpaceOnUse" }, ...parts()),
    );
  }
  return "url(#" + id + ")";
}

function ground(colour) {
  return makeSvg("rect", { width: 8, height: 8, fill: colour });
}

function strokes(path, colour, width) {
  return makeSvg("path", { d: path, stroke: colour, "stroke-width": width, fill: "none" });
}

const SLANTED = "M-2,2 L2,-2 M0,8 L8,0 M6,10 L10,6";

/** Relative luminance of #rrggbb, 0 black to 1 white (WCAG 2.2). */
function luminance(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const value = parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function hatch(colour) {
  const dark = luminance(colour) < 0.35;
  return [ground(colour), strokes(SLANTED, dark ? "#ffffff" : "#8a6a3a", dark ? 1.6 : 1.1)];
}

function outsideParts(key, hatched) {
  const parts = {
    zero: () => [ground("#3d3d3d"), strokes("M0,4 H8 M4,0 V8", "#b9b9b9", 0.8)],
    undetermined: () => [
      ground("#dfe3e6"),
      makeSvg("circle", { cx: 2, cy: 2, r: 1.1, fill: "#66747d" }),
      makeSvg("circle", { cx: 6, cy: 6, r: 1.1, fill: "#66747d" }),
    ],
    unknown: () => [ground("#ffffff"), strokes("M0,0 L8,8 M8,0 L0,8", "#a3adb3", 0.9)],
    unreachable: () => [ground("#b9c7d6"), strokes("M0,2 H8 M0,6 H8", "#44617f", 1.4)],
    not_applicable: () => [ground("#ffffff")],
  }[key]();
  return hatched ? [...parts, strokes(SLANTED, "#ffffff", 1.2)] : parts;
}

/** Coverage is told by pattern too: dots where nobody is covered, rings where a proposal would. */
function coverageParts(key, colour, hatched) {
  const ring = makeSvg("circle", { cx: 4, cy: 4, r: 2, fill: "none", stroke: "#0d3b49", "stroke-width": 1.1 });
  const dot = makeSvg("circle", { cx: 4, cy: 4, r: 1, fill: "#ffffff" });
  return [ground(colour), key === "gained" ? ring : dot, hatched ? strokes(SLANTED, "#ffffff", 1.2) : null];
}

/** A small picture of a fill for the legend. */
function swatch(key, colour, hatched) {
  return makeSvg(
    "svg",
    { class: "swatch", viewBox: "0 0 30 18", "aria-hidden": "true", focusable: "false" },
    makeSvg("rect", {
      x: 0.5,
      y: 0.5,
      width: 29,
      height: 17,
      fill: fillOf(key, colour, hatched),
      stroke: "#5b6770",
    }),
  );
}
