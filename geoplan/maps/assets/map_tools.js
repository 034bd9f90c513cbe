// The tools that lie on the map: the whole screen for a council room, and a ruler. Each is
// {prepare(map), draw()}; `draw` puts its words into the language shown. A page with a base map has
// one tool more (base_map.js).

const PAPER = { x: 680, y: 640 }; // room for the map on a page of A4, in pixels of style
const mapTools = [wholeScreen(), ruler()];

function prepareMapTools(map) {
  mapTools.forEach((tool) => tool.prepare(map));
}

function drawMapTools() {
  mapTools.forEach((tool) => tool.draw());
}

/** A word about the map, on the map: the line of the page's head is not seen on the whole screen. */
function tellOnMap(text) {
  byId("map-told").textContent = text;
}

/** Map and legend, and the profile of a chosen township, fill the screen in larger letters. What was
 * seen of the country is seen again, as large as it fits; whoever leaves finds the map as near as
 * before. */
function wholeScreen() {
  let map = null;
  let size = null; // of the map before it fills the screen
  let step = 0; // by how much it was zoomed in then
  const holder = () => document.querySelector(".workspace");
  const isWhole = () => document.fullscreenElement === holder();

  async function turn() {
    tellOnMap("");
    size = map.getSize();
    try {
      await (isWhole() ? document.exitFullscreen() : holder().requestFullscreen());
    } catch {
      tellOnMap(say("full_refused"));
    }
  }

  function fit() {
    const [centre, zoom, snap] = [map.getCenter(), map.getZoom(), map.options.zoomSnap];
    document.documentElement.classList.toggle("whole-screen", isWhole());
    map.invalidateSize({ animate: false });
    if (isWhole()) {
      const larger = map.getSize();
      const times = Math.min(larger.x / size.x, larger.y / size.y);
      step = Math.min(Math.max(0, Math.floor(Math.log2(times) / snap) * snap), map.getMaxZoom() - zoom);
    }
    map.setView(centre, zoom + (isWhole() ? step : -step), { animate: false });
    draw();
  }

  /** The map has another size: it is drawn so, and on paper it is that picture, as large as it fits. */
  function follow() {
    map.invalidateSize({ animate: false });
    const { x, y } = map.getSize();
    const sizes = { wide: x + "px", high: y + "px", scale: Math.min(PAPER.x / x, PAPER.y / y) };
    if (x && y) {
      Object.entries(sizes).forEach(([name, value]) => document.documentElement.style.setProperty("--map-" + name, value));
    }
  }

  function draw() {
    byId("map-full").textContent = say(isWhole() ? "full_leave" : "full_enter");
  }

  return {
    prepare(board) {
      map = board;
      byId("map-full").addEventListener("click", turn);
      document.addEventListener("fullscreenchange", fit);
      new ResizeObserver(follow).observe(map.getContainer());
    },
    draw,
  };
}
