// The start page: every county with its figures of one service, and the link to its page.

const state = { lang: "zh", layer: "" };

function sayStart(key, values) {
  return sayFull("start." + key, values);
}

function chosenLayer() {
  return DATA.layers.find((layer) => layer.id === state.layer) || DATA.layers[0];
}

function countyLink(county) {
  return county.page + "#lang=" + state.lang + "&layer=" + encodeURIComponent(chosenLayer().id);
}

/** The share of a county's people beyond the threshold; provisional where its list is incomplete,
    undetermined where nothing can be said of most of its people. */
function countyRow(county) {
  const figures = chosenLayer().headline[county.code];
  const firm = figures.target_firm > 0;
  const beyond = firm ? figures.beyond_firm.people : figures.beyond_provisional.people;
  const people = firm ? figures.target_firm : figures.target - figures.target_firm;
  const undetermined = 2 * figures.undetermined.people > figures.target;
  return {
    share: people ? beyond / people : null,
    status: undetermined ? "undetermined" : "",
    own_state: "unknown",
    certainty: firm ? "firm" : "provisional",
  };
}

function beyondMeasure() {
  return { id: "beyond", column: "share", edges: DATA.edges, closed: "left", dark: "high" };
}

function drawTable() {
  const layer = chosenLayer();
  const lines = DATA.counties.map((county) => {
    const figures = layer.headline[county.code];
    const sites = figures.sites;
    return [
      make("a", { href: countyLink(county) }, inLang(county)),
      figures.target_firm ? whole(figures.beyond_firm.people) : sayStart("none_firm"),
      figures.target - figures.target_firm ? whole(figures.beyond_provisional.people) : sayStart("none"),
      String(figures.listed_firm.townships),
      String(figures.listed_provisional.townships),
      String(figures.undetermined.townships),
      sites ? (sites.unnamed_known ? "" : say("at_most") + " ") + whole(sites.proposed) : sayStart("none"),
    ];
  });
  const heads = ["county", "beyond_firm", "beyond_provisional", "listed_firm", "listed_provisional", "undetermined", "proposed"];
  byId("counties-heading").textContent = sayStart("table_heading", { service: inLang(layer) });
  const caption = sayStart("table_caption", { minutes: layer.minutes, group: inLang(DATA.groups[layer.group]) });
  replace(
    byId("county-table"),
    make("p", { class: "quiet" }, caption),
    makeTable(caption, heads.map((key) => sayStart("head_" + key)), lines, { numeric: [1, 2, 3, 4, 5, 6] }),
  );
}

/** The same figures of the whole country, in a sentence. */
function nationFigures() {
  const figures = chosenLayer().headline[""];
  return sayStart("nation_figures", {
    service: inLang(chosenLayer()),
    minutes: chosenLayer().minutes,
    beyond: whole(figures.beyond_firm.people),
    provisional: whole(figures.beyond_provisional.people),
    firm: figures.listed_firm.townships,
    other: figures.listed_provisional.townships,
    undetermined: figures.undetermined.townships,
  });
}
