// A base map under the shapes; only in pages that were drawn with one. Off until the reader ticks the
// box, for its pictures come over the internet. Where none comes, the map stays as it was.

mapTools.push(baseMap());

function baseMap() {
  let map = null;
  let tiles = null;
  let on = false;
  let seen = { came: 0, failed: 0 }; // pictures of the part of the map looked at

  function turn(wanted) {
    on = wanted;
    seen = { came: 0, failed: 0 };
    if (on) {
      tiles.addTo(map);
    } else {
      tiles.remove();
    }
    draw();
  }

  function count(name) {
    seen[name] += 1;
    draw();
  }

  function draw() {
    const sayBase = (key, values) => sayFull("base_map." + key, values);
    map.getContainer().classList.toggle("on-base-map", on && seen.came > 0);
    byId("base-map-label").textContent = sayBase("show");
    byId("base-map-notice").textContent = sayBase("notice", { host: DATA.base_map.host });
    byId("base-map-credit").textContent = on ? sayBase("credit") : "";
    byId("base-map-told").textContent = on && seen.failed ? sayBase(seen.came ? "gaps" : "failed") : "";
  }

  return {
    prepare(board) {
      map = board;
      const { tiles: address, bounds, most_zoom: maxNativeZoom } = DATA.base_map;
      tiles = L.tileLayer(address, { bounds, maxNativeZoom, maxZoom: map.getMaxZoom(), referrerPolicy: "no-referrer" });
      tiles.on("loading", () => (seen = { came: 0, failed: 0 }));
      tiles.on("tileload", () => count("came"));
      tiles.on("tileerror", () => count("failed"));
      const box = make("input", { type: "checkbox", id: "base-map", on: { change: (event) => turn(event.target.checked) } });
      byId("views").after(
        make(
          "div",
          { class: "base-map" },
          make("div", { class: "switch" }, box, make("label", { for: "base-map", id: "base-map-label" })),
          make("p", { id: "base-map-notice", class: "quiet" }),
          make("p", { id: "base-map-told", class: "caution", role: "status", "aria-live": "polite" }),
        ),
      );
      map.getContainer().append(make("p", { id: "base-map-credit", class: "base-map-credit" }));
    },
    draw,
  };
}
