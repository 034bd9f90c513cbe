// Below the map: the proposals, how complete the lists are, the rule, what the page does not say,
// and where everything comes from.

/** Sections of what no trial counts; they are not in the page while one changes the service. */
const OF_RUN = {
  loads: loadsSection,
  equity: equitySection,
  proposals: (layer) => section("proposals", say("proposals_heading", { service: inLang(layer) }), proposals(layer)),
};

const drawnOfRun = new Map(); // id -> the section, null where there is none

function drawSections() {
  const layer = layerOf(state.layer);
  const later = (id) => make("div", { id: "of-run-" + id });
  drawnOfRun.clear();
  replace(
    byId("sections"),
    section("untold", say("trial_untold_heading"), make("p", { class: "prose" }, say("trial_untold", { service: inLang(layer) }))),
    later("loads"),
    section("limits", say("limits_heading"), prose(DATA.limits[state.lang])),
    later("equity"),
    later("proposals"),
    section("lists", say("lists_heading"), ownCounty() ? null : targetsTable(), completenessTable(layer), excludedTable()),
    section("method", say("method_heading"), method(layer), missingTable()),
    DATA.notes[state.lang].length
      ? section("notes", say("notes_heading"), prose(DATA.notes[state.lang]))
      : null,
    programmeSection(),
    section("services", say("all_services_heading"), servicesTable()),
    section("sources", say("sources_heading"), sourcesTable()),
  );
  drawSectionsOfRun();
  drawFooter();
}

/** Each is drawn once, when it is first to be seen. */
function drawSectionsOfRun() {
  const layer = layerOf(state.layer);
  const tried = Boolean(triedLayer(layer.id));
  byId("section-untold").hidden = !tried;
  for (const [id, draw] of Object.entries(OF_RUN)) {
    const place = byId("of-run-" + id);
    if (tried) {
      replace(place);
    } else if (!place.hasChildNodes()) {
      drawnOfRun.set(id, drawnOfRun.has(id) ? drawnOfRun.get(id) : draw(layer));
      replace(place, drawnOfRun.get(id));
    }
  }
}

function section(id, heading, ...parts) {
  return make("section", { class: "section", id: "section-" + id, "aria-labelledby": id + "-h" }, make("h2", { id: id + "-h" }, heading), parts);
}

/** The texts of a list, in the catalogue's order. */
function texts(prefix) {
  return Object.keys(DATA.texts)
    .filter((key) => key.startsWith("page." + prefix + "."))
    .map((key) => sayFull(key));
}

function prose(texts) {
  return make("ul", { class: "prose" }, texts.map((text) => make("li", {}, text)));
}

/** Named + unnamed + proposed = target, one line a service. */
function targetsTable() {
  const rows = DATA.layers.map((layer) => {
    const sites = layer.headline[""].sites || {};
    return [
      inLang(layer),
      whole(sites.existing_named),
      whole(sites.usable_points),
      sites.unnamed_known ? whole(sites.existing_unnamed) : say("unnamed_not_known"),
      (sites.unnamed_known ? "" : say("at_most") + " ") + whole(sites.proposed),
      whole(sites.target),
    ];
  });
  const heads = ["service", "existing_named", "usable_points", "existing_unnamed", "proposed", "target"].map((key) => say(key));
  return makeTable(say("targets_caption"), heads, rows, { numeric: [1, 2, 3, 4, 5], showCaption: true });
}

function completenessTable(layer) {
  const rows = DATA.completeness
    .filter((row) => row.layer === layer.id && row.county_code && inScope(row.county_code))
    .map((row) => {
      const sites = layer.headline[row.county_code] && layer.headline[row.county_code].sites;
      return [
        countyName(row.county_code),
        say("completeness_" + row.completeness),
        whole(row.named),
        row.reported_existing === null ? say("unknown") : whole(row.reported_existing),
        inLang(row.reported_date),
        sites ? whole(sites.existing_unnamed) : "",
        sites ? whole(sites.proposed) : "",
      ];
    });
  const heads = ["county", "completeness", "existing_named", "reported", "reported_date", "existing_unnamed", "proposed"].map((key) => say(key));
  const caption = say("completeness_caption", { service: inLang(layer) });
  return makeTable(caption, heads, rows, { numeric: [2, 3, 5, 6], showCaption: true });
}

/** Sites of every service that were seen in the area and are not counted. */
function excludedTable() {
  const sites = DATA.excluded.filter((site) => inScope(site.county_code));
  if (!sites.length) {
    return null;
  }
  const rows = sites.map((site) => [
    site.name,
    inLang(layerOf(site.layer)),
    placeName(site.township_code) || site.county_name + site.township_name,
    make("span", { lang: "en" }, site.reason),
  ]);
  const heads = ["site_name", "service", "place", "reasons"].map((key) => say(key));
  return makeTable(say("excluded_caption"), heads, rows, { showCaption: true });
}

function method(layer) {
  const rules = DATA.rules.filter((rule) => rule.layer === layer.id);
  return [
    prose(rules.map((rule) => inLang(rule.text))),
    prose(texts("method")),
    DATA.about.roads ? make("p", { class: "prose" }, say("roads_line", { roads: inLang(DATA.about.roads) })) : null,
  ];
}

function missingTable() {
  if (!DATA.missing.length) {
    return null;
  }
  const rows = DATA.missing.map((each) => [inLang(each), inLang(each.why)]);
  return makeTable(say("missing_caption"), [say("indicator"), say("why_missing")], rows, { showCaption: true });
}

function servicesTable() {
  if (!DATA.services.length) {
    return make("p", { class: "quiet" }, say("services_none"));
  }
  const ours = (each, name) => (state.lang === "zh" && each[name + "_zh"]) || each[name];
  const rows = DATA.services.map((each) => [
    ours(each, "service") || each.service_en,
    ours(each, "nature"),
    ours(each, "figure"),
    each.year_roc,
    ours(each, "rows_held"),
    ours(each, "completeness"),
    ours(each, "what_geoplan_does"),
  ]);
  const heads = ["service", "nature", "figure", "year_roc", "rows_held", "completeness", "what_geoplan_does"].map((key) => say(key));
  return makeTable(say("all_services_heading"), heads, rows);
}

function sourcesTable() {
  const rows = DATA.sources.map((source) => [
    inLang(source),
    inLang(source.origin),
    inLang(source.date),
    inLang(source.licence),
    source.file + " · " + source.sha256.slice(0, 12),
  ]);
  const heads = ["source", "origin", "data_date", "licence", "file_hash"].map((key) => say(key));
  return [
    makeTable(say("sources_heading"), heads, rows),
    make("p", { class: "quiet" }, say("software_line")),
  ];
}

function drawFooter() {
  const about = DATA.about;
  byId("footer").textContent = say("footer", {
    study: about.study,
    run: about.run,
    version: about.version,
    date: inLang(about.date),
  });
}
