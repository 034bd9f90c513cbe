// The list: townships the rule lists, those hit hardest first. Firm ones are the list; provisional
// and undetermined ones stand apart below it.

const FIRST_SHOWN = 15;
let showAll = false;

const rowsOfRun = new Map(); // layer id and county -> its rows as the run found them

/** Rows of a layer in the area looked at, in the order of the lists: most people x severity. */
function scopeRows(layer) {
  const made = triedLayer(layer);
  const known = made ? made.rows : rowsOfRun;
  const key = layer + " " + state.county;
  if (!known.has(key)) {
    const rows = [...rowNumber.get(layer).values()].map(rowAt).filter((row) => inScope(row.county_code));
    known.set(key, made ? inTriedOrder(rows) : rows);
  }
  return known.get(key);
}

function listedRows(layer, certainty) {
  return scopeRows(layer).filter((row) => row.listed && row.certainty === certainty);
}

function drawList() {
  const layer = layerOf(state.layer);
  const firm = listedRows(layer.id, "firm");
  const provisional = listedRows(layer.id, "provisional");
  const left = leftRows(layer.id);
  const undetermined = scopeRows(layer.id).filter((row) => row.status === "undetermined");
  const shown = showAll ? firm : firm.slice(0, FIRST_SHOWN);
  const scope = state.county ? countyName(state.county) : say("nation");
  redraw(
    byId("list"),
    make("h2", {}, say("list_heading")),
    make("p", { class: "lead" }, inLang(layer) + say("dot") + scope),
    pickedList(),
    make("h3", {}, say("list_firm", { n: firm.length })),
    suretyNote("firm"),
    firm.length ? rankTable("firm", shown) : make("p", { class: "quiet" }, say("list_firm_none")),
    firm.length > FIRST_SHOWN ? moreButton(firm.length) : null,
    folded("left", say("trial_left", { n: left.length }), say("trial_left_why"), left),
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
  const drawn = rows.some((row) => row.share_listed !== null);
  const columns = { share: id !== "undetermined", runs: drawn };
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
    make("tbody", {}, rows.map((row, at) => rankLine(id, row, at + 1, columns))),
  );
}

function rankLine(id, row, number, columns) {
  const code = row.township_code;
  const people = row[id === "undetermined" ? "target_undetermined" : "beyond_people"];
  const cell = (...told) => make("td", { class: "number" }, told);
  return make(
    "tr",
    { id: "rank-" + id + "-" + code, "data-place": code, "data-chosen": code === state.place ? "yes" : null },
    cell(String(number)),
    make("th", { scope: "row" }, placeButton(code), row.listed ? shortStatus(row.status) : null, came(row) ? cameMark() : null, reviewLink(code)),
    cell(datum(people, whole(people))),
    columns.share ? cell(datum(row.beyond_share, shareText(row.beyond_share))) : null,
    columns.runs ? cell(shareText(row.share_listed)) : null,
  );
}

function placeButton(code) {
  return make(
    "button",
    { type: "button", class: "link", on: { click: () => goTo(code) } },
    state.county ? placeName(code).replace(countyName(state.county), "").replace(/^, |, $/g, "") : placeName(code),
  );
}

function shortStatus(status) {
  return make("span", { class: "status " + status }, say("short_" + status));
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
