// From a row to its class and colour. The darker, the worse for people; what is not known, not
// reachable or not determined is never given a colour of the scale.

const RAMP = ["#fdf0cf", "#f8cd83", "#e6913f", "#bd581b", "#742a0a"];
const STATUS_COLOURS = {
  severe: "#742a0a",
  underserved: "#e6913f",
  watch: "#fbe3ad",
  not_listed: "#f7f6ee",
};
const STATUSES = ["severe", "underserved", "watch", "not_listed"];
// People within the threshold by a trial: lost (brown) and gained (blue), told apart without colour
// by the sign of the class and in every eye by light and dark.
const DIFFERENCES = [
  { key: "lost3", from: -Infinity, to: -1000, colour: "#7f3b08" },
  { key: "lost2", from: -999, to: -100, colour: "#d5812b" },
  { key: "lost1", from: -99, to: -1, colour: "#f7d9ab" },
  { key: "same", from: 0, to: 0, colour: "#f7f6ee" },
  { key: "gained1", from: 1, to: 99, colour: "#c9dff0" },
  { key: "gained2", from: 100, to: 999, colour: "#5f9fcf" },
  { key: "gained3", from: 1000, to: Infinity, colour: "#0f4a7c" },
];
const OUTSIDE_SCALE = ["zero", "undetermined", "unreachable", "unknown", "not_applicable"];
// Measures that are told as a percentage.
const AS_SHARES = ["beyond", "beyond_after", "share_listed"];

function isNeedAccess(measure) {
  return measure.id === "need_access";
}

function measureOf(layer) {
  return layer.measures.find((measure) => measure.id === state.measure);
}

/** Classes of a measure from light to dark end of its figures: [{key, label, colour}]. */
function classesOf(layer, measure) {
  if (measure.id === "status") {
    return STATUSES.map((status) => ({
      key: status,
      label: sayFull("status." + status),
      colour: STATUS_COLOURS[status],
    }));
  }
  if (isNeedAccess(measure)) {
    return needAccessClasses();
  }
  if (measure.id === "difference") {
    return DIFFERENCES.map(({ key, from, to, colour }) => ({ key, label: differenceLabel(from, to), colour }));
  }
  if (measure.id === "village_difference") {
    return villageChanges();
  }
  if (!measure.edges) {
    return coverageClasses(measure);
  }
  const number = measure.edges.length + 1;
  return Array.from({ length: number }, (nothing, at) => ({
    key: "class" + at,
    label: classLabel(measure, at),
    colour: rampColour(measure.dark === "low" ? number - 1 - at : at, number),
  }));
}

function differenceLabel(from, to) {
  const most = Math.max(Math.abs(from), Math.abs(to));
  const least = Math.min(Math.abs(from), Math.abs(to));
  const key = from === 0 ? "same" : from < 0 ? "lost" : "gained";
  return say("difference_" + key + (most === Infinity ? "_from" : ""), { from: grouped(least, 0), to: grouped(most, 0) });
}

function rampColour(at, number) {
  return RAMP[number === 1 ? 0 : Math.round((at * (RAMP.length - 1)) / (number - 1))];
}

function classLabel(measure, at) {
  const from = at === 0 ? null : edgeText(measure, measure.edges[at - 1]);
  const to = at === measure.edges.length ? null : edgeText(measure, measure.edges[at]);
  const side = measure.closed;
  if (from === null && to === null) {
    return say("class_all");
  }
  if (from === null) {
    return say("class_first_" + side, { to });
  }
  return to === null ? say("class_last_" + side, { from }) : say("class_between", { from, to });
}

function edgeText(measure, edge) {
  if (AS_SHARES.includes(measure.id)) {
    return String(Math.round(edge * 1000) / 10) + "%";
  }
  return edge >= 1000 ? grouped(edge, 0) : String(edge);
}

/** The class of a row: a class key, or one of OUTSIDE_SCALE. */
function classOf(measure, row) {
  if (!row) {
    return "unknown";
  }
  if (measure.id === "status") {
    return row.status;
  }
  if (isNeedAccess(measure)) {
    return needAccessClass(measure, row);
  }
  if (measure.id === "difference") {
    const people = peopleGained(row);
    return DIFFERENCES.find(({ from, to }) => from <= people && people <= to).key;
  }
  if (measure.id === "village_difference") {
    return row.change;
  }
  if (!measure.edges) {
    return coverageClass(measure, row);
  }
  const value = row[measure.column];
  if (measure.state && row[measure.state] !== "measured") {
    return row[measure.state];
  }
  if (measure.id === "share_listed" && row.share_undetermined > 0.5) {
    return "undetermined";
  }
  if (row.status === "undetermined") {
    // Once the proposals stand nobody may be left undetermined.
    if (measure.id === "beyond" || (measure.id === "beyond_after" && row.target_undetermined_after > 0)) {
      return "undetermined";
    }
  }
  if (value === null || value === undefined) {
    return measure.id === "need" || row.own_state === "measured" ? "unknown" : row.own_state;
  }
  const at = measure.edges.findIndex((edge) => (measure.closed === "left" ? value < edge : value <= edge));
  return "class" + (at < 0 ? measure.edges.length : at);
}

function outsideText(key) {
  return key === "zero" ? sayFull("export.state.zero") : say("outside_" + key);
}

/** Need does not depend on the list of sites, so it is never provisional. */
function isHatched(measure, row) {
  return measure.id !== "need" && Boolean(row) && isProvisional(row);
}

function valueText(measure, row) {
  if (!row) {
    return say("unknown");
  }
  const outside = classOf(measure, row);
  if (measure.id.startsWith("beyond") && outside === "undetermined" && allUndetermined(row, measure.id === "beyond_after" ? "_after" : "")) {
    return say("all_undetermined");
  }
  if (OUTSIDE_SCALE.includes(outside)) {
    return outsideText(outside);
  }
  if (measure.id === "village_difference") {
    return villageChangeText(row.change);
  }
  if (isOfVillages(measure)) {
    return measure.edges ? minutesText(row[measure.column]) : coverageText(outside);
  }
  if (measure.id === "status") {
    return sayFull("status." + row.status);
  }
  if (measure.id === "difference") {
    const people = peopleGained(row);
    return people ? say(people < 0 ? "difference_people_lost" : "difference_people_gained", { n: whole(Math.abs(people)) }) : say("difference_same");
  }
  const value = row[measure.column];
  const show = {
    minutes: () => minutesText(value),
    beyond: () => shareText(value),
    beyond_after: () => shareText(value),
    share_listed: () => shareText(value),
    e2sfca: () => decimal(value, 2),
    e2sfca_anyone: () => decimal(value, 2),
    second_nearest: () => minutesText(value),
    need: () => decimal(value, 0),
    need_access: () => needAccessText(measure, row),
    record_age: () => say("months_old", { n: value }),
    residents_per_site: () => peopleText(value),
    sites_per_1000: () => decimal(value, 2),
    sites_within_reach: () => decimal(value, 1),
  };
  return show[measure.id]();
}
