// Below the map: the proposals, how complete the lists are, the rule, what the page does not say,
// and where everything comes from.

function drawSections() {
  const layer = layerOf(state.layer);
  replace(
    byId("sections"),
    section("limits", say("limits_heading"), prose(DATA.limits[state.lang])),
    section("proposals", say("proposals_heading", { service: inLang(layer) }), proposals(layer)),
    section("lists", say("lists_heading"), targetsTable(), completenessTable(layer)),
    section("method", say("method_heading"), method(layer), missingTable()),
    DATA.notes[state.lang].length
      ? section("notes", say("notes_heading"), prose(DATA.notes[state.lang]))
      : null,
    section("services", say("all_services_heading"), servicesTable()),
    section("sources", say("sources_heading"), sourcesTable()),
  );
  drawFooter();
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

function proposals(layer) {
  const sites = sitesOf(layer.id)
    .filter((site) => site.status === "proposed")
    .sort((one, other) => one.order - other.order);
  const totals = layer.totals;
  const parts = [make("p", { class: "prose" }, say("area_warning"))];
  if (totals) {
    parts.push(make("p", { class: "prose" }, say("proposals_gain", {
      n: whole(totals.gain),
      listed: whole(totals.listed_gain),
      minutes: layer.minutes,
      bound: whole(totals.gain_bound),
    })));
  }
  if (!sites.length) {
    return [...parts, make("p", { class: "quiet" }, say("proposals_none"))];
  }
  const rows = sites.map((site) => [
    String(site.order),
    placeButton(site.township_code),
    whole(site.listed_gain),
    whole(site.gain),
    site.conditional ? say("conditional_short") : "",
  ]);
  const heads = [say("order"), say("township"), say("listed_gain"), say("gain"), say("remark")];
  const options = { numeric: [2, 3] };
  const few = 10;
  parts.push(makeTable(say("proposals_heading", { service: inLang(layer) }), heads, rows.slice(0, few), options));
  if (rows.length > few) {
    const rest = makeTable(say("proposals_rest"), heads, rows.slice(few), options);
    parts.push(make("details", {}, make("summary", {}, say("proposals_more", { n: rows.length - few })), rest));
  }
  return parts;
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
        row.reported_date || "",
        sites ? whole(sites.existing_unnamed) : "",
        sites ? whole(sites.proposed) : "",
      ];
    });
  const heads = ["county", "completeness", "existing_named", "reported", "reported_date", "existing_unnamed", "proposed"].map((key) => say(key));
  const caption = say("completeness_caption", { service: inLang(layer) });
  return makeTable(caption, heads, rows, { numeric: [2, 3, 5, 6], showCaption: true });
}

function method(layer) {
  const rules = DATA.rules.filter((rule) => rule.layer === layer.id);
  return [
    prose(rules.map(ruleLine)),
    prose(texts("method")),
    DATA.about.roads ? make("p", { class: "prose" }, say("roads_line", { roads: inLang(DATA.about.roads) })) : null,
  ];
}

function ruleLine(rule) {
  const test = rule.distance || rule.no_site_on_island;
  const values = {
    rule: rule.id + " " + rule.version,
    minutes: rule.distance ? rule.distance.minutes : "",
    share: Math.round(test.share_at_least * 1000) / 10,
    people: whole(test.or_people_at_least),
    less: Math.round(test.with_share_at_least * 1000) / 10,
    need: rule.need ? rule.need.percentile_at_least : say("unknown"),
  };
  return say(rule.distance ? "rule_distance" : "rule_island", values);
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
    each.figure,
    each.year_roc,
    each.rows_held,
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
    source.licence,
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
