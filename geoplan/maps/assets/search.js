// Find a township by part of its name, in either language; a combobox that works by keyboard.
// 台 and 臺 are the same letter here, and so are full-width and half-width signs.

const MOST_FOUND = 12;
let haystack = [];
let found = [];
let cursor = -1;

function fold(text) {
  return text.normalize("NFKC").toLowerCase().replace(/台/g, "臺").replace(/[\s,]+/g, "");
}

function prepareSearch() {
  haystack = places.codes.map((code, at) => {
    const county = counties.at.get(places.county[at]);
    const names = [counties.name[county] + places.name[at], code];
    if (places.nameEn[at]) {
      names.push(places.nameEn[at] + (counties.nameEn[county] || ""));
    }
    return fold(names.join("\n"));
  });
  const input = byId("search");
  input.addEventListener("input", lookUp);
  input.addEventListener("keydown", steer);
  input.addEventListener("blur", () => setTimeout(closeFound, 150));
}

function lookUp() {
  const wanted = fold(byId("search").value);
  found = [];
  for (let at = 0; wanted && at < haystack.length && found.length < MOST_FOUND; at += 1) {
    if (haystack[at].includes(wanted)) {
      found.push(places.codes[at]);
    }
  }
  cursor = -1;
  drawFound(wanted);
}

function drawFound(wanted) {
  const list = byId("found");
  list.hidden = !wanted;
  byId("search").setAttribute("aria-expanded", String(Boolean(found.length)));
  mark();
  replace(
    list,
    found.length
      ? found.map((code, at) =>
          make(
            "li",
            {
              role: "option",
              id: "found-" + at,
              "aria-selected": String(at === cursor),
              on: { mousedown: (event) => event.preventDefault(), click: () => pick(code) },
            },
            placeName(code),
          ),
        )
      : make("li", { role: "option", "aria-disabled": "true", "aria-selected": "false" }, say("nothing_found")),
  );
}

function steer(event) {
  if ((event.key === "ArrowDown" || event.key === "ArrowUp") && found.length) {
    const step = event.key === "ArrowDown" ? 1 : -1;
    cursor = (cursor + step + found.length + (cursor < 0 && step < 0 ? 1 : 0)) % found.length;
    drawFound(true);
    event.preventDefault();
  } else if (event.key === "Enter" && found.length) {
    pick(found[Math.max(cursor, 0)]);
    event.preventDefault();
  } else if (event.key === "Escape") {
    closeFound();
  }
}

function mark() {
  const input = byId("search");
  if (cursor >= 0) {
    input.setAttribute("aria-activedescendant", "found-" + cursor);
  } else {
    input.removeAttribute("aria-activedescendant");
  }
}

function closeFound() {
  found = [];
  cursor = -1;
  byId("found").hidden = true;
  byId("search").setAttribute("aria-expanded", "false");
  mark();
}

function pick(code) {
  byId("search").value = placeName(code);
  closeFound();
  if (state.county && !inScope(countyOfCode(code))) {
    change({ county: "" });
  }
  goTo(code);
}
