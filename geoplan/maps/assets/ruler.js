// A ruler: points set on the map by a click, or by keyboard at the cross in its middle, and the
// straight-line length from each to the next. It tells no way by road and no travel time.

const SEMI_AXIS_KM = 6378.137; // of the ellipsoid WGS 84
const FLATTENING = 1 / 298.257223563;
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const STEP_PIXELS = [8, 80]; // of an arrow key alone, and with Shift

/** Length in km of the shortest line between two points on the ellipsoid, by Lambert's formula for
 * long lines: the angle between the points at their reduced latitudes, and its first correction for
 * the flattening (P. D. Thomas, Spheroidal Geodesics, U.S. Naval Oceanographic Office SP-138, 1970). */
function geodesicKm(from, to) {
  const radians = (degrees) => (degrees * Math.PI) / 180;
  const reduced = (lat) => Math.atan((1 - FLATTENING) * Math.tan(radians(lat)));
  const [one, other] = [reduced(from.lat), reduced(to.lat)];
  const across = Math.sin((other - one) / 2) ** 2 + Math.cos(one) * Math.cos(other) * Math.sin(radians(to.lng - from.lng) / 2) ** 2;
  const angle = 2 * Math.asin(Math.min(1, Math.sqrt(across)));
  if (angle === 0) {
    return 0;
  }
  const [middle, half] = [(one + other) / 2, (other - one) / 2];
  const along = ((angle - Math.sin(angle)) * (Math.sin(middle) * Math.cos(half)) ** 2) / Math.cos(angle / 2) ** 2;
  const off = ((angle + Math.sin(angle)) * (Math.cos(middle) * Math.sin(half)) ** 2) / Math.sin(angle / 2) ** 2;
  return SEMI_AXIS_KM * (angle - (FLATTENING / 2) * (along + off));
}

function kmText(km) {
  return say("ruler_km", { n: grouped(km, 2) });
}

function ruler() {
  let map = null;
  let on = false;
  let points = [];
  let drawn = null; // the line, its points and their numbers on the map

  // To 10 m, as they are shown, so that the legs shown add up to the whole.
  const legs = () => points.slice(1).map((point, at) => Math.round(geodesicKm(points[at], point) * 100));
  const all = () => legs().reduce((sum, leg) => sum + leg, 0) / 100;

  /** Heard, not seen: the card shows the same. */
  function told(text) {
    byId("ruler-told").textContent = text;
  }

  function turn(wanted, byKeys) {
    on = wanted;
    points = [];
    map.closePopup();
    map.getContainer().classList.toggle("measuring", on);
    map.doubleClickZoom[on ? "disable" : "enable"]();
    byId("ruler-card").hidden = !on;
    showCross(on && byKeys);
    (on && byKeys ? map.getContainer() : byId("ruler")).focus({ preventScroll: true });
    told(say(on ? "ruler_begun" : "ruler_ended"));
    draw();
  }

  function add(point) {
    const last = points[points.length - 1];
    if (last && geodesicKm(last, point) === 0) {
      return;
    }
    points = [...points, point];
    draw();
    tellLast();
  }

  function undo() {
    points = points.slice(0, -1);
    draw();
    tellLast();
  }

  function tellLast() {
    const found = legs();
    told(
      found.length
        ? say("ruler_told", { n: points.length, leg: kmText(found[found.length - 1] / 100), all: kmText(all()) })
        : say(points.length ? "ruler_first" : "ruler_none"),
    );
  }

  function showCross(shown) {
    byId("ruler-cross").hidden = !shown;
  }

  function pressed(event) {
    if (!on || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const onMap = event.target === map.getContainer();
    if (event.key === "Escape") {
      turn(false);
    } else if (onMap && event.key in STEPS) {
      showCross(true);
      map.panBy(STEPS[event.key].map((each) => each * STEP_PIXELS[Number(event.shiftKey)]), { animate: false });
    } else if (onMap && event.key === "Enter") {
      showCross(true);
      add(map.getCenter());
    } else if (onMap && event.key === "Backspace") {
      undo();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation(); // Leaflet would move the map by its own, longer steps
  }

  function draw() {
    byId("ruler").textContent = say(on ? "ruler_end" : "ruler_begin");
    for (const id of ["ruler-undo", "ruler-clear"]) {
      byId(id).setAttribute("aria-disabled", String(!points.length));
    }
    const found = legs();
    replace(byId("ruler-total"), found.length ? make("data", { value: all() }, kmText(all())) : say(points.length ? "ruler_first" : "ruler_none"));
    replace(
      byId("ruler-legs"),
      found.length > 1 ? found.map((leg, at) => make("li", {}, at + 1 + " → " + (at + 2), " ", make("data", { value: leg / 100 }, kmText(leg / 100)))) : null,
    );
    drawn.clearLayers();
    const style = { pane: "ruler", renderer: drawn.options.renderer, interactive: false };
    L.polyline(points, { ...style, color: "#ffffff", weight: 6, opacity: 0.9 }).addTo(drawn);
    L.polyline(points, { ...style, color: "#101820", weight: 2.5, dashArray: "7 5" }).addTo(drawn);
    points.forEach((point, at) => {
      const dot = { ...style, radius: 5, color: "#101820", weight: 2.5, fillColor: "#ffffff", fillOpacity: 1 };
      L.circleMarker(point, dot)
        .bindTooltip(make("span", {}, String(at + 1)), { permanent: true, direction: "right", className: "ruler-number" })
        .addTo(drawn);
    });
  }

  return {
    prepare(board) {
      map = board;
      map.createPane("ruler").style.zIndex = 640;
      drawn = L.layerGroup([], { renderer: L.svg({ pane: "ruler", padding: 0.4 }) }).addTo(map);
      map.on("click", (event) => {
        if (on) {
          showCross(false);
          add(event.latlng);
        }
      });
      byId("ruler").addEventListener("click", (event) => turn(!on, event.detail === 0));
      byId("ruler-undo").addEventListener("click", () => points.length && undo());
      byId("ruler-clear").addEventListener("click", () => {
        points = [];
        draw();
        tellLast();
      });
      document.querySelector(".map-card").addEventListener("keydown", pressed);
    },
    draw,
  };
}
