// The plan by the end of one of its years (`state.year`, "": all of it): which proposals stand then,
// and the columns "after" of each township. What a year does not change stands as the year before,
// and before the first as today.

const AS_OF = {
  beyond_people_after: "beyond_people",
  beyond_share_after: "beyond_share",
  target_undetermined_after: "target_undetermined",
  own_minutes_mean_after: "own_minutes_mean",
};
const changesOf = new Map(); // layer and township -> rows of siting_progress, the first year first

/** The years of every service's proposals, since one choice holds for all of them. */
function planYears() {
  return [...new Set(siteTable.year.filter((year, at) => year && siteTable.status[at] === "proposed"))].sort();
}

function standsByYear(site) {
  return !state.year || !site.year || site.year <= state.year;
}

/** A cell of a column "after" of a row, by the end of the year looked at. */
function cellAsOf(number, name) {
  if (!state.year) {
    return rowTable[name][number];
  }
  if (!changesOf.size) {
    for (const each of behind.siting_progress) {
      const key = each.layer + " " + each.township_code;
      changesOf.set(key, [...(changesOf.get(key) || []), each]);
    }
  }
  const changes = changesOf.get(rowTable.layer[number] + " " + rowTable.township_code[number]) || [];
  const last = changes.filter((each) => each.year <= state.year).pop();
  return last ? last[AS_OF[name]] : rowTable[AS_OF[name]][number];
}

/** The year looked at, where the measure depends on it. */
function asOfWords(measure) {
  return measure.id === "beyond_after" && state.year ? say("dot") + yearEnd(state.year) : "";
}

function yearEnd(year) {
  return say("by_year", { year: yearText(Number(year)) });
}

function drawYearChoice() {
  const years = planYears();
  byId("year-field").hidden = years.length < 2;
  redraw(
    byId("year"),
    ["", ...years.slice(0, -1)].map((year) =>
      make("option", { value: year }, yearEnd(year || years[years.length - 1]) + (year ? "" : say("plan_all"))),
    ),
  );
  byId("year").value = state.year;
}
