// Find a township, on a county's page also a village, by part of its name, in either language; a combobox that works by keyboard.
// 台 and 臺 are the same letter here, and so are full-width and half-width signs.

const MOST_FOUND = 12;
let haystack = []; // [code, its folded names]
let found = [];
let cursor = -1;

function fold(text) {
  return text.normalize("NFKC").toLowerCase().replace(/台/g, "臺").replace(/[\s,]+/g, "");
}

function prepareSearch() {
  const townships = places.codes.map((code, at) => {
    const county = counties.at.get(places.county[at]);
    const names = [counties.name[county] + places.name[at], code];
    if (places.nameEn[at]) {
      names.push(places.nameEn[at] + (counties.nameEn[county] || ""));
    }
    return [code, fold(names.join("\n"))];
  });
  const inThem = villages.codes.map((code, at) => {
    const township = villages.township[at];
    return [code, fold([places.name[places.at.get(township)] + villages.name[at], code].join("\n"))];
  });
  haystack = [...townships, ...inThem];
  const input = byId("search");
  input.addEventListener("input", lookUp);
  input.addEventListener("keydown", steer);
  input.addEventListener("blur", () => setTimeout(closeFound, 150));
}

function lookUp() {
  const wanted = fold(byId("search").value);
  found = [];
  for (let at = 0; wanted && at < haystack.length && found.length < MOST_FOUND; at += 1) {
    if (haystack[at][1].includes(wanted)) {
      found.push(haystack[at][0]);
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
            foundName(code),
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

function foundName(code) {
  return villages.at.has(code) ? villagePlace(code) : placeName(code);
}

function pick(code) {
  byId("search").value = foundName(code);
  closeFound();
  if (villages.at.has(code)) {
    chooseVillage(code, false);
    return;
  }
  if (state.county && !inScope(countyOfCode(code))) {
    change({ county: "" });
  }
  goTo(code);
}
