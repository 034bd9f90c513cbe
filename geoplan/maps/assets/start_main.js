// Start: read the data, draw, and follow the language and the service chosen.

function drawAll() {
  const about = DATA.about;
  document.documentElement.lang = state.lang === "en" ? "en" : "zh-Hant-TW";
  fillLayout();
  document.title = inLang(about);
  byId("title").textContent = inLang(about);
  byId("dateline").textContent = say("dateline", { date: inLang(about.date), run: about.run });
  const other = state.lang === "en" ? "zh" : "en";
  byId("language").textContent = say("language_" + other);
  byId("language").lang = other === "en" ? "en" : "zh-Hant-TW";
  byId("start-heading").textContent = sayStart("heading");
  byId("start-lead").textContent = sayStart("lead");
  replace(byId("nation"), make("a", { href: about.nation + "#lang=" + state.lang }, sayStart("nation")));
  replace(
    byId("service"),
    DATA.layers.map((layer) => {
      const option = make("option", { value: layer.id }, inLang(layer));
      option.selected = layer === chosenLayer();
      return option;
    }),
  );
  byId("nation-figures").textContent = nationFigures();
  drawMap();
  drawKey();
  drawTable();
  byId("footer").textContent = say("footer", { study: about.study, run: about.run, version: about.version, date: inLang(about.date) });
  history.replaceState(null, "", "#lang=" + state.lang + "&layer=" + encodeURIComponent(state.layer));
}

function readAddress() {
  const asked = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  state.lang = asked.lang === "en" ? "en" : "zh";
  state.layer = (DATA.layers.find((layer) => layer.id === asked.layer) || DATA.layers[0]).id;
}

async function start() {
  DATA = JSON.parse(await inflate(JSON.parse(byId("geoplan-data").textContent).data));
  readAddress();
  byId("language").addEventListener("click", () => {
    state.lang = state.lang === "en" ? "zh" : "en";
    drawAll();
  });
  byId("service").addEventListener("change", (event) => {
    state.layer = event.target.value;
    drawAll();
    byId("told").textContent = nationFigures();
  });
  byId("print").addEventListener("click", () => window.print());
  window.addEventListener("hashchange", () => {
    readAddress();
    drawAll();
  });
  drawAll();
  byId("told").textContent = "";
  document.documentElement.dataset.ready = "yes";
}

start().catch((error) => {
  document.documentElement.dataset.ready = "failed";
  byId("told").textContent = "無法開啟：檔案不完整，或瀏覽器太舊。The page cannot be shown: the file is incomplete or the browser is too old. (" + error.message + ")";
  throw error;
});
