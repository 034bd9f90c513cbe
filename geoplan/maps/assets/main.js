// Start: read the data, draw every part, and let the parts follow the state.

function tell(text) {
  byId("told").textContent = text;
}

function drawMasthead() {
  const about = DATA.about;
  document.documentElement.lang = state.lang === "en" ? "en" : "zh-Hant-TW";
  document.title = inLang(about);
  byId("title").textContent = inLang(about);
  byId("dateline").textContent = say("dateline", { date: inLang(about.date), run: about.run });
  const other = state.lang === "en" ? "zh" : "en";
  const button = byId("language");
  button.textContent = say("language_" + other);
  button.lang = other === "en" ? "en" : "zh-Hant-TW";
  byId("map_geoplan").setAttribute("aria-label", say("map_keys"));
  if (about.home) {
    replace(byId("home"), make("a", { href: about.home + "#lang=" + state.lang }, say("home")));
  }
  if (ownCounty()) {
    byId("search").previousElementSibling.textContent = say("search_village");
  }
}

function drawChoices() {
  const layer = layerOf(state.layer);
  const options = (measures) =>
    measures.map((measure) => make("option", { value: measure.id }, measureName(measure)));
  const ofVillages = layer.measures.filter(isOfVillages);
  const ofTownships = options(layer.measures.filter((measure) => !isOfVillages(measure)));
  redraw(
    byId("measure"),
    ofVillages.length ? make("optgroup", { label: say("by_village") }, options(ofVillages)) : null,
    ofVillages.length ? make("optgroup", { label: say("by_township") }, ofTownships) : ofTownships,
  );
  byId("measure").value = state.measure;
  redraw(
    byId("key-heading"),
    make("span", { class: "sign " + layer.symbol, "aria-hidden": "true" }, SIGNS[layer.symbol]),
    inLang(layer),
  );
}

/** What can be chosen whatever a trial tries. */
function drawScopes() {
  drawYearChoice();
  byId("county-field").hidden = Boolean(ownCounty());
  redraw(
    byId("county"),
    ["", ...counties.codes].map((code) =>
      make("option", { value: code }, code ? countyName(code) : say("scope_all")),
    ),
  );
  byId("county").value = state.county;
}

function drawAll(changed) {
  const placeOnly = [...changed].every((name) => name === "place" || name === "village");
  const colourOnly = changed.size === 1 && (changed.has("measure") || changed.has("cell"));
  const triedOnly = changed.size === 1 && changed.has("trial");
  if (changed.has("lang")) {
    fillLayout();
    drawMasthead();
    drawViews();
    drawMapTools();
  }
  if (!placeOnly) {
    drawChoices();
    drawLegend();
    drawThreshold();
    paintAreas();
    if (!triedOnly) {
      drawScopes();
      dimOthers();
    }
    paintSites();
  }
  if (!placeOnly && !colourOnly) {
    drawCards();
    if (triedOnly) {
      drawSectionsOfRun();
    } else {
      drawSections();
    }
    drawTrial();
  }
  if (!triedOnly) {
    outlineSelected();
  }
  drawList();
  drawProfile();
}

function wireControls() {
  byId("language").addEventListener("click", () => change({ lang: state.lang === "en" ? "zh" : "en" }));
  byId("measure").addEventListener("change", (event) => change({ measure: event.target.value }));
  byId("year").addEventListener("change", (event) => change({ year: event.target.value }));
  byId("county").addEventListener("change", (event) => chooseCounty(event.target.value));
  byId("print").addEventListener("click", () => window.print());
  byId("download").addEventListener("click", downloadList);
  byId("share").addEventListener("click", shareLink);
  window.addEventListener("hashchange", followAddress);
  wireTrial();
}

function chooseCounty(county) {
  const leaves = county && state.place && countyOfCode(state.place) !== county;
  change(leaves ? { county, place: "" } : { county });
  showBounds(county ? scopeCodes() : mainCodes());
}

/** A link pasted into the open page shows what it names. */
function followAddress() {
  readAddress();
  drawAll(new Set(Object.keys(state)));
  showBounds(state.place ? [state.place] : firstCodes());
}

/** What is seen first: the county looked at; of a county's own page its part on the main island. */
function firstCodes() {
  return state.county && !ownCounty() ? scopeCodes() : mainCodes();
}

async function shareLink() {
  try {
    await navigator.clipboard.writeText(location.href);
    tell(say("share_copied"));
  } catch {
    tell(say("share_by_hand", { link: location.href }));
  }
}

async function start() {
  await readData();
  readAddress();
  onChange(drawAll);
  drawAreas(map_geoplan);
  L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map_geoplan);
  drawSites(map_geoplan);
  prepareMapTools(map_geoplan);
  prepareReview();
  prepareSearch();
  wireControls();
  drawAll(new Set(Object.keys(state)));
  map_geoplan.invalidateSize({ animate: false }); // what stands around the map takes room from it
  limitZoom(map_geoplan);
  showBounds(state.place ? [state.place] : firstCodes());
  tell("");
  document.documentElement.dataset.ready = "yes";
}

start().catch((error) => {
  document.documentElement.dataset.ready = "failed";
  byId("told").textContent = "地圖無法開啟：檔案不完整，或瀏覽器太舊。請重新取得檔案，或更新瀏覽器。The map cannot be shown: the file is incomplete or the browser is too old. (" + error.message + ")";
  throw error;
});
