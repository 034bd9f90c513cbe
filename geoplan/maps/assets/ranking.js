// The list: townships the rule lists, those hit hardest first. Firm ones are the list; provisional
// and undetermined ones stand apart below it.

const FIRST_SHOWN = 15;
let showAll = false;

/** Rows of a layer in the area looked at, in the order of the lists: most people x severity. */
function scopeRows(layer) {
  return inTriedOrder(layer, [...rowNumber.get(layer).values()].map(rowAt).filter((row) => inScope(row.county_code)));
}

function listedRows(layer, certainty) {
  return scopeRows(layer).filter((row) => row.listed && row.certainty === certainty);
}

function drawList() {
  const layer = layerOf(state.layer);
  const firm = listedRows(layer.id, "firm");
  const provisional = listedRows(layer.id, "provisional");
  const undetermined = scopeRows(layer.id).filter((row) => row.status === "undetermined");
  const shown = showAll ? firm : firm.slice(0, FIRST_SHOWN);
  const scope = state.county ? countyName(state.county) : say("nation");
  replace(
    byId("list"),
    make("h2", {}, say("list_heading")),
    make("p", { class: "lead" }, inLang(layer) + say("dot") + scope),
    make("h3", {}, say("list_firm", { n: firm.length })),
    suretyNote("firm"),
    firm.length ? rankTable("firm", shown) : make("p", { class: "quiet" }, say("list_firm_none")),
    firm.length > FIRST_SHOWN ? moreButton(firm.length) : null,
    folded("left", say("trial_left", { n: leftRows(layer.id).length }), say("trial_left_why"), leftRows(layer.id)),
    folded("provisional", say("list_provisional", { n: provisional.length }), say("list_provisional_why"), provisional),
    folded("undetermined", say("list_undetermined", { n: undetermined.length }), say("list_undetermined_why"), undetermined),
    make("p", { class: "quiet" }, say("list_order")),
  );
}

function suretyNote(certainty) {
  const told = suretyWords(scopeRows(state.layer), certainty);
  return told ? make("p", { class: "quiet", "data-surety": certainty }, told) : null;
}

function moreButton(number) {
  return make(
    "button",
    { type: "button", id: "list-more", on: { click: () => {
      showAll = !showAll;
      drawList();
      byId("list-more").focus();
    } } },
    showAll ? say("list_less", { n: FIRST_SHOWN }) : say("list_all", { n: number }),
  );
}

function folded(id, heading, why, rows) {
  if (!rows.length) {
    return null;
  }
  return make(
    "details",
    { id: "list-" + id },
    make("summary", {}, heading),
    make("p", { class: "quiet" }, why),
    id === "provisional" ? suretyNote(id) : null,
    rankTable(id, rows),
  );
}

function rankTable(id, rows) {
  const people = id === "undetermined" ? "target_undetermined" : "beyond_people";
  const drawn = rows.some((row) => row.share_listed !== null);
  const line = (row, at) =>
    make(
      "tr",
      { "data-place": row.township_code, "data-chosen": row.township_code === state.place ? "yes" : null },
      make("td", { class: "number" }, String(at + 1)),
      make("th", { scope: "row" }, placeButton(row.township_code), shortStatus(row), cameMark(row)),
      make("td", { class: "number" }, datum(row[people], whole(row[people]))),
      id === "undetermined" ? null : make("td", { class: "number" }, datum(row.beyond_share, shareText(row.beyond_share))),
      drawn ? make("td", { class: "number" }, shareText(row.share_listed)) : null,
    );
  return make(
    "table",
    { class: "rank", id: "rank-" + id },
    make(
      "thead",
      {},
      make(
        "tr",
        {},
        make("th", { scope: "col", class: "number" }, say("rank")),
        make("th", { scope: "col" }, say("township")),
        make("th", { scope: "col", class: "number" }, say(id === "undetermined" ? "people_undetermined" : "beyond_people")),
        id === "undetermined" ? null : make("th", { scope: "col", class: "number" }, say("beyond_share")),
        drawn ? make("th", { scope: "col", class: "number" }, say("share_of_runs")) : null,
      ),
    ),
    make("tbody", {}, rows.map(line)),
  );
}

function placeButton(code) {
  return make(
    "button",
    { type: "button", class: "link", on: { click: () => goTo(code) } },
    state.county ? placeName(code).replace(countyName(state.county), "").replace(/^, |, $/g, "") : placeName(code),
  );
}

function shortStatus(row) {
  return row.listed ? make("span", { class: "status " + row.status }, say("short_" + row.status)) : null;
}

function statusMark(row) {
  return make("span", { class: "status " + row.status }, sayFull("status." + row.status));
}

/** Select a township, show it on the map and move on to its profile. */
function goTo(code) {
  change({ place: code, village: "" });
  showBounds([code]);
  const heading = byId("profile-heading");
  if (heading) {
    heading.focus();
  }
}
