// How evenly one service is spread: a short table, and clusters of long ways in one sentence.

const MEASURED = ["mean", "gini", "concentration_index", "people_shortfall"];
const UNIVERSES = ["main_island", "islands"];
const WIDTHS = ["firm", "all"];
const SCOPES = UNIVERSES.flatMap((universe) => WIDTHS.map((scope) => ({ universe, scope })));

function equitySection(layer) {
  const mine = behind.equity.filter((each) => each.layer === layer.id);
  const spots = hotSpotWords(layer);
  if (!mine.length && !spots) {
    return null;
  }
  return section(
    "equity",
    say("equity_heading", { service: inLang(layer) }),
    mine.length ? equityTable(layer, mine) : null,
    make("p", { class: "quiet" }, [mine.some((each) => each.low !== null) ? say("equity_drawn") : "", say("equity_gini")].join(say("space"))),
    spreadPart(layer),
    spots ? make("p", { class: "prose", id: "hot-spots" }, spots) : null,
  );
}

/** A line a figure, a column for each universe and whose lists; columns without people are left out. */
function equityTable(layer, mine) {
  const scopes = SCOPES.filter((of) => mine.some(isOf(of)));
  const quantities = [...new Set(mine.map((each) => each.quantity))];
  const lines = quantities.flatMap((quantity) =>
    MEASURED.filter((figure) => mine.some((each) => each.quantity === quantity && each.figure === figure)).map((figure, at) => [
      [at ? null : make("strong", {}, sayFull("spread.quantity." + quantity)), sayFull("spread.figure." + figure)],
      ...scopes.map((of) => figureText(mine.find((each) => isOf(of)(each) && each.quantity === quantity && each.figure === figure))),
    ]),
  );
  const heads = [
    say("equity_figure"),
    ...scopes.map(scopeName),
  ];
  return makeTable(say("equity_heading", { service: inLang(layer) }), heads, lines, { class: "equity" });
}

function scopeName({ universe, scope }) {
  return sayFull("export.universe." + universe) + say("dot") + sayFull("spread.scope." + scope);
}

const SHOWN_AS = {
  own_minutes: { mean: 1, people_shortfall: 0 },
  residents_per_site: { mean: 0 },
  sites_per_1000: { mean: 2 },
  sites_within_reach: { mean: 1 },
};

/** A figure with the interval of the runs; of the concentration index also what its sign says. */
function figureText(each) {
  if (!each || each.value === null) {
    return say("unknown");
  }
  const digits = SHOWN_AS[each.quantity][each.figure];
  const show = (value) => grouped(value, digits === undefined ? 3 : digits);
  const drawn = each.low !== null && each.high !== null;
  const told = [show(each.value), drawn ? make("span", { class: "quiet" }, say("interval", { low: show(each.low), high: show(each.high) })) : null];
  return each.figure === "concentration_index" ? [...told, make("div", {}, signWords(each))] : told;
}

const KIND_OF = { own_minutes: "minutes", residents_per_site: "load", sites_per_1000: "sites", sites_within_reach: "sites" };

function signWords(each) {
  const ends = [each.low, each.value, each.high].filter((end) => end !== null);
  if ((Math.min(...ends) <= 0 && Math.max(...ends) >= 0) || Math.abs(each.value) < 0.005) {
    return say("sign_unsure");
  }
  return say("sign_" + (each.value < 0 ? "needy_" : "others_") + KIND_OF[each.quantity]);
}

/** Clusters of long ways: the firm ones by name, then the provisional ones. */
function hotSpotWords(layer) {
  if (layer.tested === null) {
    return null;
  }
  if (!layer.tested) {
    return say("spots_untested");
  }
  const names = (certainty) =>
    behind.hotspots
      .filter((spot) => spot.layer === layer.id && spot.cluster === "high_high" && spot.certainty === certainty)
      .map((spot) => placeName(spot.township_code))
      .join(say("comma"));
  const [firm, provisional] = [names("firm"), names("provisional")];
  const parts = [firm, provisional ? sayFull("certainty.provisional") + say("colon") + provisional : ""].filter((text) => text);
  return parts.length ? say("spots", { names: parts.join(say("semicolon")), n: layer.tested }) : say("spots_none", { n: layer.tested });
}
