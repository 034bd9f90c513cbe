// A trial on a county's page: what it makes of the villages (each is one point of the trial), and the
// sites of other counties, of which the page knows the names and the minutes.

/** Classes of the change a trial makes for a village, told apart in every eye by light and dark. */
const VILLAGE_CHANGES = [
  { key: "lost", colour: "#7f3b08" },
  { key: "longer", colour: "#f0b878" },
  { key: "same", colour: "#f7f6ee" },
  { key: "shorter", colour: "#a9cbe6" },
  { key: "entered", colour: "#0f4a7c" },
];

function villageChanges() {
  return VILLAGE_CHANGES.map((each) => ({ ...each, label: villageChangeText(each.key) }));
}

function villageChangeText(key) {
  return say("village_change_" + key, { n: layerOf(state.layer).minutes });
}

/** The figures of a village as the trial leaves them, as geoplan.results.villages tells them; what a
 * trial does not count is null. `was`: the run's figures, `change`: see VILLAGE_CHANGES. */
function triedVillage(layerId, code, figures) {
  if (!trial.on || !canTry(layerId)) {
    return figures;
  }
  const point = trial.ground.pointAt.get(code);
  const made = triedLayer(layerId);
  if (!made || point === undefined) {
    return { ...figures, was: figures, change: "same" };
  }
  const after = villageWays(made.ways, point);
  const nothing = { modelled_share: null, coverage_after: null, own_minutes_after: null };
  return { ...figures, ...after, ...nothing, was: figures, change: changeAt(baseResult(layerId).ways, made.ways, point) };
}

function villageWays(ways, point) {
  const own = isTold(ways, point);
  const site = own ? ways.stand.all[ways.ownSite[point]].id : "";
  const state = own ? "measured" : ways.ownSite[point] < 0 && ways.possible[point] < 0 ? "unreachable" : "unknown";
  return { own_state: state, own_site_id: site, own_minutes: own ? ways.ownMs[point] / MS_PER_MINUTE : null, coverage: SPLIT_NAMES[ways.coverage[point]] };
}

/** A class of the change, or one outside the scale where minutes are not told on both sides. */
function changeAt(was, is, point) {
  const [near, stays] = [was.coverage[point] === COVERED, is.coverage[point] === COVERED];
  if (near !== stays) {
    return near ? "lost" : "entered";
  }
  const [knew, knows] = [isTold(was, point), isTold(is, point)];
  if (knew && knows) {
    const added = is.ownMs[point] - was.ownMs[point];
    return added > 0 ? "longer" : added < 0 ? "shorter" : "same";
  }
  const [before, after] = [was.coverage[point], is.coverage[point]];
  if (before === UNREACHABLE && knows) {
    return "shorter";
  }
  return before === after ? "same" : OUTSIDE_SCALE.includes(SPLIT_NAMES[after]) ? SPLIT_NAMES[after] : "unknown";
}

/** What can be coloured by village while a trial is on. */
function villageMeasures(layer) {
  return ownCounty() && trial.ground.pointAt.size ? [{ id: "village_difference", column: "change", villages: true }] : [];
}

/** The first village that the page, with nothing changed, does not count as the run did, in words. */
function firstVillageDifference(id) {
  const { ways } = baseResult(id);
  for (const [code, at] of villages.at) {
    const figures = villageRows.get(id)[at];
    const point = trial.ground.pointAt.get(code);
    if (figures.coverage !== null && point !== undefined) {
      const found = villageWays(ways, point);
      const wrong = Object.keys(found).find((name) => !sameFigure(found[name], name === "own_site_id" ? figures[name] || "" : figures[name]));
      if (wrong) {
        return say("trial_difference", { service: inLang(layerOf(id)), place: villagePlace(code), name: wrong, was: figures[wrong], is: found[wrong] });
      }
    }
  }
  return null;
}

/** The name of a site or candidate of another county; "" where the page knows of none. */
function nameElsewhere(id) {
  const names = trial.ground && trial.ground.elsewhere[id];
  return names ? say("trial_elsewhere", { name: names[state.lang === "en" ? 1 : 0] }) : "";
}

/** On a county's page: whose gains and losses are not looked at, and where they are. */
function countyTrialWords() {
  if (!ownCounty()) {
    return null;
  }
  const look = { lang: state.lang, layer: state.layer, county: ownCounty() };
  const address = "map.html#" + new URLSearchParams(look);
  const link = DATA.about.home ? make("a", { href: address }, say("trial_nation")) : say("trial_nation");
  return [say("space"), say("trial_lead_county"), say("space"), link];
}
