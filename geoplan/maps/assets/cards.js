// The first screen: one card a service, and each card chooses its service for the map and the list.

function drawCards() {
  redraw(byId("cards"), DATA.layers.map((layer) => card(layerOf(layer.id))));
  const scope = state.county ? countyName(state.county) : say("nation");
  byId("scope-note").textContent = say("scope_note", { scope });
  redraw(byId("planner"), DATA.planner.map((note) => make("p", { class: "caution" }, inLang(note))));
}

function card(layer) {
  const figures = layer.headline[state.county];
  const chosen = layer.id === state.layer;
  return make(
    "article",
    { class: "card", "data-layer": layer.id, "data-chosen": chosen ? "yes" : "no" },
    make(
      "h3",
      {},
      make(
        "button",
        { type: "button", "aria-pressed": String(chosen), on: { click: () => change({ layer: layer.id }) } },
        make("span", { class: "sign " + layer.symbol, "aria-hidden": "true" }, SIGNS[layer.symbol]),
        inLang(layer),
      ),
    ),
    layer.assigned && figures.load ? loadFigures(layer, figures) : beyondFigures(layer, figures),
    listedFigures(figures),
    figures.sites && !triedLayer(layer.id) ? buildOut(figures.sites) : null,
    triedLayer(layer.id) ? make("p", { class: "trial-mark" }, say("trial_card")) : null,
  );
}

function headline(figure, caption, lines) {
  return [
    make("div", { class: "headline" }, make("p", { class: "figure" }, figure), make("p", { class: "caption" }, caption)),
    make("ul", { class: "card-lines" }, lines.filter((line) => line).map((line) => make("li", {}, line))),
  ];
}

/** Assigned services: how unequal the load of the areas is, and who has no site to go to. */
function loadFigures(layer, figures) {
  const load = figures.load;
  const gaps = say("gap_line", { gap: figures.list_gap.townships, point: figures.no_usable_point.townships });
  if (load.areas === 1) {
    return headline(peopleText(load.largest.residents), say("load_one"), [areaName(layer, load.largest.area_id), gaps]);
  }
  const end = (key, area) => say(key, { n: whole(area.residents), where: areaName(layer, area.area_id) });
  return headline(say("times", { n: grouped(load.ratio, 1) }), say("load_caption"), [
    end("load_most", load.largest),
    end("load_least", load.smallest),
    gaps,
  ]);
}

/** Name of an area: of the site that serves it, or of the county. */
function areaName(layer, id) {
  const site = siteById(layer.id, id);
  return site ? site.name : countyName(id);
}

/** Chosen services: people beyond the threshold, firm figures only. */
function beyondFigures(layer, figures) {
  const group = inLang(DATA.groups[layer.group]);
  const provisional = figures.beyond_provisional.townships
    ? say("beyond_provisional", { n: whole(figures.beyond_provisional.people) })
    : null;
  if (figures.target_firm === 0) {
    return headline(say("no_firm_figure"), say("no_firm_caption"), [group, provisional]);
  }
  return headline(
    datum(figures.beyond_firm.people, peopleText(figures.beyond_firm.people)),
    say("beyond_caption", { minutes: layer.minutes }),
    [say("beyond_of", { group, target: whole(figures.target_firm) }), provisional],
  );
}

/** Listed, provisional and undetermined townships, side by side and never added. */
function listedFigures(figures) {
  const one = (key, value) => make("div", {}, make("dt", {}, say(key)), make("dd", {}, datum(value.townships, String(value.townships))));
  return make(
    "dl",
    { class: "listed" },
    one("card_firm", figures.listed_firm),
    one("card_provisional", figures.listed_provisional),
    one("card_undetermined", figures.undetermined),
  );
}

/** Named + unnamed (+ planned by a trial) + proposed = target, as words and as a bar. */
function buildOut(sites) {
  const all = sites.existing_named + sites.existing_unnamed + sites.planned + sites.proposed;
  const parts = [
    ["named", sites.existing_named],
    ["unnamed", sites.existing_unnamed],
    ["planned", sites.planned],
    ["proposed", sites.proposed],
  ];
  let from = 0;
  const bars = parts.map(([name, number]) => {
    const width = all ? (number / all) * 100 : 0;
    const bar = makeSvg("rect", { x: from, y: 0, width, height: 8, class: "part " + name });
    from += width;
    return bar;
  });
  return make(
    "div",
    { class: "build-out" },
    makeSvg(
      "svg",
      { viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true", focusable: "false" },
      bars,
    ),
    make("p", {}, buildOutWords(sites), " ", say("usable_line", { n: sites.usable_points, of: sites.existing_named })),
  );
}

function buildOutWords(sites) {
  const unnamed = sites.unnamed_known ? whole(sites.existing_unnamed) : say("unnamed_not_known");
  const planned = sites.planned ? say("build_out_planned", { n: sites.planned }) : "";
  const values = { named: sites.existing_named, unnamed: unnamed + planned, proposed: sites.proposed, target: sites.target };
  const keys = sites.target === null
    ? ["build_out_county", "build_out_county_at_most"]
    : ["build_out", "build_out_at_most"];
  return say(keys[sites.unnamed_known ? 0 : 1], values);
}
