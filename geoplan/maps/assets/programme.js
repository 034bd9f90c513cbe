// The programme: targets and what stands, build-out by county, indicators, money, and where the
// documents disagree. Every figure has its document and lines beside it.

const FOLDED = ["targets", "staffing", "supervisors", "budget", "subsidy", "kpis"];

function programmeSection() {
  const told = programmeData;
  if (!told) {
    return null;
  }
  const view = Object.fromEntries(told[state.lang].map((each) => [each.id, each]));
  // A county's page has but what tells of the county.
  const part = (id, picture) => view[id] && partOf(id, picture);
  const partOf = (id, picture) =>
    make(
      "div",
      { class: "programme-part", id: "programme-" + id },
      make("h3", {}, view[id].title),
      view[id].lead ? make("p", { class: "prose" }, view[id].lead) : null,
      picture,
      FOLDED.includes(id) && view[id].rows.length > 1
        ? make("details", {}, make("summary", {}, say("programme_rows", { n: view[id].rows.length })), viewTable(view[id]))
        : viewTable(view[id]),
    );
  return section(
    "programme",
    say("programme_heading"),
    make("p", { class: "prose" }, say("programme_lead")),
    part("targets", [make("p", { class: "quiet" }, say("bar_key")), make("div", { class: "multiples" }, told.bars.map(targetBar))]),
    part("build_out", rateKey()),
    part("kpis", make("div", { class: "multiples" }, told.lines.map(trend))),
    view.shares && make("div", { class: "programme-pair" }, part("shares"), part("appraisal")),
    part("contradictions"),
    ["subsidy", "staffing", "supervisors", "budget"].map((id) => part(id)),
    part("documents"),
  );
}

/** A view as a table; in that of build-out a cell with a rate is shaded, and its number says it. */
function viewTable(view) {
  const rows = view.rows.map((cells, line) =>
    cells.map((cell, at) => {
      const shade = view.id === "build_out" && at > 0 ? programmeData.shades[line][at - 1] : null;
      return shade === null || shade === undefined ? cell : make("span", { class: "rate rate-" + shade }, cell);
    }),
  );
  return makeTable(view.title, view.heads, rows, { numeric: view.numeric, class: "view view-" + view.id });
}

function rateKey() {
  return make(
    "p",
    { class: "rate-key" },
    inLang(programmeData.shade_names).map((name, shade) => make("span", { class: "rate rate-" + shade }, name)),
    make("span", { class: "quiet" }, say("rate_none")),
  );
}

/** One service: what stands, named and not named, against the targets of each year. */
function targetBar(each) {
  const most = Math.max(...each.targets.map(([, sites]) => sites), each.named + (each.unnamed || 0));
  const at = (sites) => (sites / most) * 100;
  const stands = each.named + (each.unnamed || 0);
  const [year, last] = each.targets[each.targets.length - 1];
  const words = each.unnamed === null ? "bar_least" : "bar_stands";
  return make(
    "figure",
    { class: "multiple" },
    make("figcaption", {}, make("strong", {}, inLang(layerOf(each.layer))), make("span", { class: "quiet" }, say(words, { named: each.named, unnamed: each.unnamed || 0 }))),
    makeSvg(
      "svg",
      { class: "target-bar", viewBox: "0 0 100 14", preserveAspectRatio: "none", "aria-hidden": "true", focusable: "false" },
      makeSvg("rect", { class: "ground", x: 0, y: 3, width: at(last), height: 8 }),
      makeSvg("rect", { class: "named", x: 0, y: 3, width: at(each.named), height: 8 }),
      makeSvg("rect", { class: "unnamed", x: at(each.named), y: 3, width: at(each.unnamed || 0), height: 8 }),
      each.targets.map(([, sites]) => makeSvg("line", { class: "tick", x1: at(sites), x2: at(sites), y1: 0, y2: 14 })),
    ),
    make("p", { class: "figure-line" }, say(each.unnamed === null ? "bar_rate_least" : "bar_rate", { n: stands, target: last, year: yearText(year), share: shareText(stands / last) })),
    make("p", { class: "quiet" }, each.targets.map(([of, sites, source]) => yearText(of) + say("colon") + sites + " [" + source + "]").join(say("semicolon"))),
  );
}

function yearText(year) {
  return state.lang === "zh" ? String(year - DATA.about.roc) : String(year);
}

/** An indicator as a line from 2026 to 2030, each printed year a dot with its figure. */
function trend(each) {
  const known = each.values.map((value, at) => [at, value]).filter(([, value]) => value !== null);
  const values = known.map(([, value]) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const x = (at) => 18 + at * 46;
  const y = (value) => (high === low ? 34 : 52 - ((value - low) / (high - low)) * 30);
  const svg = makeSvg(
    "svg",
    { class: "trend", viewBox: "0 0 220 78", "aria-hidden": "true", focusable: "false" },
    makeSvg("polyline", { points: known.map(([at, value]) => x(at) + "," + y(value)).join(" ") }),
    known.map(([at, value]) => [
      makeSvg("circle", { cx: x(at), cy: y(value), r: 3 }),
      makeSvg("text", { x: x(at), y: y(value) - 7, "text-anchor": "middle" }, String(value)),
    ]),
    each.values.map((value, at) => makeSvg("text", { class: "year", x: x(at), y: 73, "text-anchor": "middle" }, yearText(programmeData.years[at]))),
  );
  const told = { first: values[0], last: values[values.length - 1] };
  return make(
    "figure",
    { class: "multiple" },
    make("figcaption", {}, make("strong", {}, inLang(each))),
    svg,
    make("p", { class: "quiet" }, say(each.before === null ? "trend" : "trend_before", { ...told, before: each.before }) + " [" + each.source + "]"),
  );
}
