// One township and one service: how far, how much per person, how needy; why; what would change.

function drawProfile() {
  const holder = byId("profile");
  const row = state.place ? rowOf(state.layer, state.place) : null;
  holder.hidden = !row;
  byId("list").hidden = Boolean(row);
  if (!row) {
    replace(holder);
    delete holder.dataset.shows;
    return;
  }
  const key = [row.layer, row.township_code, state.lang].join(" ");
  const draw = holder.dataset.shows === key ? redraw : replace; // another township begins at its top
  holder.dataset.shows = key;
  draw(
    holder,
    make("button", { type: "button", id: "back", on: { click: closeProfile } }, say("back_to_list")),
    " ",
    reviewButton("review-open", placeName(row.township_code), () => reviewTownship(row.township_code)),
    villageCard(row),
    make("h2", { id: "profile-heading", tabindex: "-1" }, placeName(row.township_code)),
    make("p", { class: "lead" }, inLang(layerOf(row.layer)), " ", statusMark(row), " ", certaintyMark(row)),
    make("p", { class: "sentence" }, triedLayer(row.layer) ? say("trial_no_sentence") : state.lang === "en" ? row.sentence_en : row.sentence_zh),
    trialPart(row),
    threeNumbers(row),
    split(row),
    villageTable(row),
    ruleTests(row),
    runsOf(row),
    lift(row),
    triedLayer(row.layer) ? null : beforeAfter(row),
    facts(row),
    sitesHere(row),
    otherServices(row),
  );
}

function closeProfile() {
  const last = state.place;
  change({ place: "", village: "" });
  const button = document.querySelector('#list tr[data-place="' + last + '"] button');
  (button || byId("search")).focus();
}

function certaintyMark(row) {
  return make("span", { class: "certainty " + row.certainty }, sayFull("certainty." + row.certainty));
}

function threeNumbers(row) {
  const measure = DATA.layers.find((each) => each.id === row.layer).measures.find((each) => each.id === row.per_person_basis);
  const far = row.own_minutes_mean === null ? noMinutes(row) : datum(row.own_minutes_mean, minutesText(row.own_minutes_mean));
  const uncounted = row.per_person_value === null && triedLayer(row.layer);
  const leading = words(row.need_leading).map(indicatorName);
  return make(
    "dl",
    { class: "three" },
    number(say("how_far_" + bond(layerOf(row.layer))), far, [
      row.own_minutes_mean === null
        ? null
        : say("how_far_more", { p90: grouped(row.own_minutes_p90, 1), max: grouped(row.own_minutes_max, 1) }),
      say("measured_people", { n: whole(row.own_measured_people), of: whole(row.target_people) }),
    ]),
    number(say("how_much"), uncounted ? say("trial_uncounted") : measure ? valueText(measure, row) : say("unknown"), [measure ? measureName(measure) : null]),
    number(say("how_needy"), row.need_percentile === null ? say("unknown") : datum(row.need_percentile, decimal(row.need_percentile, 0)), [
      say("need_scale"),
      leading.length ? say("need_leading", { names: leading.slice(0, 3).join(say("comma")) }) : null,
    ]),
  );
}

/** The name of a need indicator; a figure that is only known of the county is marked. */
function indicatorName(id) {
  const indicator = DATA.indicators[id];
  return inLang(indicator) + (indicator.level === "county" ? say("county_figure") : "");
}

function noMinutes(row) {
  if (allUndetermined(row)) {
    return say("all_undetermined");
  }
  return say("outside_" + (row.own_state === "measured" ? "unknown" : row.own_state));
}

function number(label, figure, lines) {
  return make(
    "div",
    {},
    make("dt", {}, label),
    make("dd", { class: "figure" }, figure),
    lines.filter((line) => line).map((line) => make("dd", { class: "quiet" }, line)),
  );
}

const SPLIT = ["covered", "uncovered", "unreachable", "undetermined"];

/** The target group in four parts that add up, as a bar and in words. */
function split(row) {
  const people = SPLIT.map((name) => row["target_" + name]);
  const all = people.reduce((sum, each) => sum + each, 0);
  let from = 0;
  const bars = SPLIT.map((name, at) => {
    const width = all ? (people[at] / all) * 100 : 0;
    const bar = makeSvg("rect", { x: from, y: 0, width, height: 10, class: "split " + name });
    from += width;
    return bar;
  });
  const minutes = layerOf(row.layer).minutes;
  const modelled = row.target_modelled ? say("modelled_mark") : "";
  return make(
    "div",
    { class: "split-figure" },
    make("h3", {}, inLang(DATA.groups[row.target_group]) + " " + peopleText(row.target_people) + modelled),
    makeSvg("svg", { viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true", focusable: "false" }, bars),
    make(
      "ul",
      { class: "split-words" },
      SPLIT.map((name, at) =>
        people[at] || name === "covered"
          ? make("li", {}, make("span", { class: "dot " + name, "aria-hidden": "true" }), say("split_" + name, { minutes }), " ", datum(people[at], peopleText(people[at])))
          : null,
      ),
    ),
  );
}

function facts(row) {
  const fact = (label, value) => (value ? [make("dt", {}, label), make("dd", {}, value)] : null);
  const reasons = words(row.reasons).map((word) => sayWord("reason", word));
  const flags = words(row.flags).map((word) => sayWord("flag", word));
  const roads = DATA.about.roads ? inLang(DATA.about.roads) : say("straight_line");
  const modelled = row.modelled_share === null ? "" : say("modelled_share", { share: shareText(row.modelled_share) });
  return make(
    "dl",
    { class: "facts" },
    fact(say("reasons"), reasons.join(say("comma")) || say("no_reason")),
    fact(say("flags"), flags.join(say("comma"))),
    fact(sayFull("explain.change"), changeWords(row)),
    fact(say("flip"), flipWords(row)),
    fact(say("near_misses"), nearMissWords(row)),
    fact(say("own_site_" + bond(layerOf(row.layer))), siteNames(row.layer, row.own_site_ids) || say("own_site_none")),
    fact(say("nearest_site"), nearestWords(row)),
    fact(say("sites_here"), say("sites_here_value", { named: row.sites_named, usable: row.sites_usable })),
    fact(say("excluded"), notCounted(row)),
    fact(say("completeness"), say("completeness_" + row.list_completeness)),
    fact(say("roads"), roads + say("space") + modelled),
    fact(say("measure_need_access"), needAccessFact(row)),
    fact(say("rule"), row.rule_id + " " + row.rule_version),
    fact(say("population"), peopleText(row.population)),
  );
}

/** Of assigned services only: for chosen ones the nearest site is the one told already. */
function nearestWords(row) {
  const unknown = row.nearest_minutes_mean === null || 2 * row.target_undetermined > row.target_people;
  if (unknown || !layerOf(row.layer).assigned) {
    return null;
  }
  const minutes = say("bracket", { text: minutesText(row.nearest_minutes_mean) });
  return siteNames(row.layer, row.nearest_site_ids) + minutes;
}

/** Sites of the service in the township that were seen and are not counted, each with its reason. */
function notCounted(row) {
  const sites = DATA.excluded.filter((site) => site.layer === row.layer && site.township_code === row.township_code);
  return sites.length
    ? make("ul", { class: "not-counted" }, sites.map((site) => make("li", {}, site.name, " ", asWritten(site.reason))))
    : null;
}

/** A text of the data that stands in English whatever the language shown. */
function asWritten(text) {
  return make("span", { lang: "en" }, "(" + text + ")");
}

function siteNames(layer, ids) {
  const names = words(ids).map((id) => {
    const site = siteById(layer, id);
    return site ? site.name : nameElsewhere(id) || id;
  });
  const most = 3;
  const more = names.length > most ? say("and_more", { n: names.length - most }) : "";
  return names.slice(0, most).join(say("comma")) + more;
}

function beforeAfter(row) {
  const beyond = (suffix) => (allUndetermined(row, suffix) ? say("all_undetermined") : whole(row["beyond_people" + suffix]));
  const people = say(ruleOf(row.rule_id).by_minutes ? "people_beyond" : "people_on_bare_island");
  const remedy = rowsBehind("remedies", row)[0];
  return make(
    "div",
    {},
    make("h3", {}, say("before_after")),
    makeTable(
      say("before_after"),
      ["", say("before"), state.year ? yearEnd(state.year) : say("after")],
      [
        [people, beyond(""), beyond("_after")],
        [say("people_undetermined"), whole(row.target_undetermined), whole(row.target_undetermined_after)],
        [say("mean_minutes"), minutesText(row.own_minutes_mean), minutesText(row.own_minutes_mean_after)],
        ...(remedy && !state.year ? [[say("status"), sayFull("status." + row.status), sayFull("status." + remedy.status_after)]] : []),
      ],
      { numeric: [1, 2] },
    ),
    make("p", { class: "quiet" }, row.proposed_sites ? say("proposed_here", { n: row.proposed_sites }) : say("proposed_none_here")),
  );
}

/** Sites of this service in the township, by name: the map's symbols for who cannot see them. */
function sitesHere(row) {
  const sites = sitesIn(row.layer).filter((site) => site.township_code === row.township_code);
  if (!sites.length) {
    return null;
  }
  return make(
    "div",
    {},
    make("h3", {}, say("sites_in_township")),
    make(
      "ul",
      { class: "site-list" },
      sites.map((site) => make("li", {}, symbolPicture(layerOf(site.layer).symbol, drawableKind(site), site.origin === "planner"), siteCard(site))),
    ),
  );
}

function drawableKind(site) {
  return kindOf(site) === "none" ? "township" : kindOf(site);
}

function otherServices(row) {
  const rows = DATA.layers.map((layer) => {
    const other = rowOf(layer.id, row.township_code);
    const name =
      layer.id === row.layer
        ? make("strong", {}, inLang(layer))
        : make("button", { type: "button", class: "link", on: { click: () => goToLayer(layer.id) } }, inLang(layer));
    return [name, other ? statusMark(other) : say("unknown"), other ? sayFull("certainty." + other.certainty) : ""];
  });
  return make(
    "div",
    {},
    make("h3", {}, say("all_services_here")),
    makeTable(say("all_services_here"), [say("service"), say("status"), say("certainty")], rows),
  );
}

function goToLayer(layer) {
  change({ layer });
  byId("profile-heading").focus();
}
