// The review form: one row on one sheet of A4 paper, to say what is wrong with it. Every figure that
// the page shows of the row with its column in the lists, the sources, and lines to write on. It is
// the run's row: while a trial is on, the form still asks about the list that was published.

const MOST_REVIEW_SITES = 5;
const MOST_SOURCE_SIGNS = 150;
const MOST_SHORT = 18; // signs of a value that stands on one line
const HASH_SIGNS = 16;

const asPeople = (value) => (value === null ? null : peopleText(value));
const asMinutes = (value) => (value === null ? null : minutesText(value));
const asShare = (value) => (value === null ? null : shareText(value));
const asCount = (value) => (value === null ? null : String(value));
const asDecimal = (value) => (value === null ? null : decimal(value, 1));
const asCoverage = (value, row) => (OUTSIDE_SCALE.includes(value) ? outsideText(value) : say("coverage_" + value, { n: runLayer(row.layer).minutes }));
const runLayer = (id) => DATA.layers.find((layer) => layer.id === id);

/** Columns of a township's row, in the order of the form, and how their values are written. */
const ROW_FIGURES = {
  status: (value) => sayFull("status." + value),
  certainty: (value) => sayFull("certainty." + value),
  population: asPeople,
  target_people: (value, row) => asPeople(value) + (row.target_modelled ? say("modelled_mark") : ""),
  beyond_people: asPeople,
  beyond_share: asShare,
  target_covered: asPeople,
  target_uncovered: asPeople,
  target_unreachable: asPeople,
  target_undetermined: asPeople,
  own_minutes_mean: asMinutes,
  own_minutes_p90: asMinutes,
  own_minutes_max: asMinutes,
  own_measured_people: asPeople,
  nearest_minutes_mean: asMinutes,
  modelled_share: asShare,
  per_person_value: (value, row) => {
    const measure = runLayer(row.layer).measures.find((each) => each.id === row.per_person_basis);
    return value === null || !measure ? null : valueText(measure, row) + say("bracket", { text: say("unit_" + measure.id) });
  },
  need_percentile: asDecimal,
  sites_named: asCount,
  sites_usable: asCount,
  list_completeness: (value) => say("completeness_" + value),
  share_listed: asShare,
  second_nearest_minutes_mean: asMinutes,
  e2sfca_per_100k: asDecimal,
  e2sfca_anyone_per_100k: asDecimal,
  proposed_sites: asCount,
  beyond_people_after: asPeople,
  own_minutes_mean_after: asMinutes,
  reasons: (value) => words(value).map((word) => sayWord("reason", word)).join(say("comma")) || say("no_reason"),
  flags: (value) => words(value).map((word) => sayWord("flag", word)).join(say("comma")),
  need_leading: (value) => words(value).map(indicatorName).join(say("comma")),
};
/** Columns that a run need not have counted: left out where they are empty. */
const ROW_EXTRAS = ["share_listed", "second_nearest_minutes_mean", "e2sfca_per_100k", "e2sfca_anyone_per_100k", "flags", "need_leading"];

const VILLAGE_FIGURES = {
  population: asPeople,
  target_people: ROW_FIGURES.target_people,
  coverage: asCoverage,
  own_minutes: (value, row) => (value === null ? outsideText(row.own_state) : minutesText(value)),
  modelled_share: asShare,
  coverage_after: asCoverage,
  own_minutes_after: asMinutes,
};

function reviewButton(id, place, open) {
  return make("button", { type: "button", id, class: "review-open", on: { click: open } }, say("review_open"), make("span", { class: "unseen" }, say("colon") + place));
}

/** The button of a township's row in a list; short, for it stands in every row. */
function reviewLink(code) {
  return make(
    "button",
    { type: "button", class: "link review-open", on: { click: () => reviewTownship(code) } },
    say("review_short"),
    make("span", { class: "unseen" }, say("colon") + placeName(code)),
  );
}

function reviewTownship(code) {
  const row = new RunRow(rowNumber.get(state.layer).get(code));
  const figures = Object.keys(ROW_FIGURES)
    .map((name) => [name, ROW_FIGURES[name](row[name], row)])
    .filter(([name, text]) => text || !ROW_EXTRAS.includes(name));
  showReview({ row, figures, code, place: placeName(code), own: row.own_site_ids, nearest: row.nearest_site_ids });
}

function reviewVillage(code) {
  const now = villageOf(state.layer, code);
  const village = { ...now, ...now.was };
  const row = new RunRow(rowNumber.get(state.layer).get(villages.township[villages.at.get(code)]));
  const figures = Object.keys(VILLAGE_FIGURES).map((name) => [name, VILLAGE_FIGURES[name](village[name], village)]);
  showReview({ row, figures, code, place: villagePlace(code), own: village.own_site_id, nearest: "" });
}

/** The form over the page, which stays as it is; closing it leads back to where it was opened. */
function showReview(asked) {
  const sheet = byId("review");
  replace(
    sheet,
    make(
      "div",
      { class: "review-bar" },
      make("button", { type: "button", id: "review-print", on: { click: () => window.print() } }, say("print")),
      make("button", { type: "button", id: "review-close", on: { click: () => sheet.close() } }, say("review_close")),
    ),
    make("article", { class: "review-sheet" }, reviewHead(asked), reviewFigures(asked), reviewSources(asked), reviewLines()),
  );
  sheet.showModal();
  document.body.classList.add("reviewing");
  sheet.scrollTop = 0;
  byId("review-heading").focus();
  fillHash();
}

function prepareReview() {
  byId("review").addEventListener("close", () => document.body.classList.remove("reviewing"));
}

function reviewHead({ row, code, place }) {
  const about = DATA.about;
  const fact = (key, ...values) => make("div", {}, make("dt", {}, say(key)), make("dd", {}, values));
  return [
    make("h1", { id: "review-heading", tabindex: "-1" }, say("review_heading")),
    make("p", {}, inLang(about)),
    make(
      "dl",
      { class: "review-facts" },
      fact("place", place),
      fact("review_code", code),
      fact("service", inLang(runLayer(row.layer)), say("bracket", { text: row.layer })),
      fact("review_bureau", make("span", { class: "review-blank" }, say("review_to_fill"))),
      fact("review_data_date", inLang(about.date)),
      fact("rule", row.rule_id + " " + row.rule_version),
      fact("review_run", about.run + say("dot") + "geoplan " + about.version),
      fact("review_hash", make("span", { id: "review-hash" }, "…")),
    ),
  ];
}

function reviewFigures({ row, figures, code }) {
  const prefix = villages.at.has(code) ? "column.villages." : "column.rows.";
  return [
    make("h2", {}, say("review_figures")),
    triedLayer(row.layer) ? make("p", { class: "caution" }, say("review_not_trial")) : null,
    make(
      "dl",
      { class: "review-figures" },
      figures.map(([name, text]) =>
        make("div", {}, make("dt", {}, sayFull(prefix + name), " ", make("code", {}, name)), make("dd", { class: (text || "").length > MOST_SHORT ? null : "number" }, text || say("unknown"))),
      ),
    ),
  ];
}

/** Rows that the figures rest on: the sites of the row with their sources, and the data files. */
function reviewSources({ row, own, nearest }) {
  const ids = new Set([...words(own), ...words(nearest)]);
  const here = (site) => site.township_code === row.township_code;
  const sites = [...siteTable.site_id.keys()]
    .map((number) => new RunSite(number))
    .filter((site) => site.layer === row.layer && site.status !== "proposed" && (ids.has(site.site_id) || here(site)));
  const lines = sites.slice(0, MOST_REVIEW_SITES).map((site) => {
    const source = site.source || say("unknown");
    const shown = source.length > MOST_SOURCE_SIGNS ? source.slice(0, MOST_SOURCE_SIGNS) + "…" : source;
    const date = site.source_date ? inLang(DATA.dates[site.source_date]) : say("unknown");
    return make("li", {}, [site.site_id, site.name, date, shown].join(say("dot")));
  });
  const out = DATA.excluded.filter((site) => site.layer === row.layer && site.township_code === row.township_code);
  const files = new Map();
  for (const source of DATA.sources) {
    const date = inLang(source.date);
    files.set(date, [...(files.get(date) || []), inLang(source)]);
  }
  const dated = [...files].map(([date, titles]) => date + say("colon") + titles.join(say("comma")));
  return [
    make("h2", {}, say("review_sources")),
    make(
      "ul",
      {},
      lines,
      sites.length > lines.length ? make("li", {}, say("review_more", { n: sites.length - lines.length })) : null,
      sites.length ? null : make("li", {}, say("review_no_site")),
      out.slice(0, MOST_REVIEW_SITES).map((site) => make("li", {}, say("excluded") + say("colon"), site.name, " ", asWritten(site.reason))),
    ),
    make("p", {}, say("review_files") + say("dot") + dated.join(say("semicolon"))),
  ];
}

function reviewLines() {
  const line = (key, lines) => make("div", { class: "review-write" }, make("dt", {}, say(key)), Array.from({ length: lines }, () => make("dd", {})));
  return [
    make("h2", {}, say("review_fill")),
    make("dl", {}, line("review_wrong", 2), line("review_right", 2), line("review_evidence", 2)),
    make("dl", { class: "review-person" }, ["review_unit", "review_name", "review_contact", "review_signature", "review_date"].map((key) => line(key, 1))),
  ];
}

/** Beginning of the SHA-256 of the data block as it stands in the file: two pages with the same say
 * the same. A browser that counts no hash here (an address without https) says so. */
async function fillHash() {
  let text = say("review_no_hash");
  if (window.crypto && crypto.subtle) {
    const bytes = new TextEncoder().encode(byId("geoplan-data").textContent);
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    text = [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("").slice(0, HASH_SIGNS);
  }
  if (byId("review-hash")) {
    byId("review-hash").textContent = text;
  }
}
