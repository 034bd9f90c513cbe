// Assigned services: how many people each site has to serve, who has no site, and by how much the
// own site is farther than the nearest. Firm and provisional figures stand apart.

const MOST_LOADS = 8;
const LEAST_LOADS = 4;
const CERTAINTIES = ["firm", "provisional"];

function loadsSection(layer) {
  const loads = behind.loads.filter((load) => load.layer === layer.id && inScope(load.county_code));
  if (!layer.assigned) {
    return null;
  }
  return section(
    "loads",
    say("loads_heading", { service: inLang(layer) }),
    prose(CERTAINTIES.map((certainty) => loadTotal(layer, certainty)).filter((text) => text)),
    CERTAINTIES.map((certainty) => loadBars(layer, certainty, loads)),
    placesWithout(layer),
    ownAgainstNearest(layer),
  );
}

/** Largest against smallest load of the whole country. */
function loadTotal(layer, certainty) {
  const total = behind.load_totals.find((each) => each.layer === layer.id && each.scope === certainty);
  if (!total) {
    return null;
  }
  const told = {
    certainty: sayFull("certainty." + certainty),
    n: total.areas,
    mean: whole(total.residents_per_site_mean),
    largest: whole(total.largest_residents_per_site),
    where: areaName(layer, total.largest_area_id),
    smallest: whole(total.smallest_residents_per_site),
    there: areaName(layer, total.smallest_area_id),
    ratio: grouped(total.ratio, 1),
  };
  return say(total.areas === 1 ? "load_total_one" : "load_total", told);
}

/** Areas from the largest load to the smallest, as numbers and as bars on one scale. */
function loadBars(layer, certainty, loads) {
  const mine = loads.filter((load) => load.certainty === certainty);
  const known = mine.filter((load) => load.split === "known");
  const unknown = mine.filter((load) => load.split !== "known");
  if (!mine.length) {
    return null;
  }
  const most = Math.max(...loads.map((load) => load.residents_per_site || 0));
  const line = (load) => [
    String(load.rank),
    make("div", { class: "beside" }, make("span", {}, areaName(layer, load.area_id)), bar(load.residents_per_site / most, certainty)),
    whole(load.residents_per_site),
    grouped(load.times_mean, 2),
  ];
  const heads = ["rank", "load_area", "residents_per_site", "times_mean"].map((key) => say(key));
  const table = (caption, some) =>
    makeTable(caption, heads, some.map(line), { numeric: [0, 2, 3], rowHead: 1, showCaption: true, class: "bars ranks" });
  const caption = say("load_caption_" + certainty, { n: known.length });
  const middle = known.slice(MOST_LOADS, -LEAST_LOADS);
  const parts = middle.length > 2
    ? [
        table(caption, known.slice(0, MOST_LOADS)),
        make("details", {}, make("summary", {}, say("loads_between", { n: middle.length })), table(say("loads_between", { n: middle.length }), middle)),
        table(say("loads_least", { n: LEAST_LOADS }), known.slice(-LEAST_LOADS)),
      ]
    : [known.length ? table(caption, known) : null];
  const names = unknown.map((load) => areaName(layer, load.area_id));
  return make(
    "div",
    { id: "loads-" + certainty },
    parts,
    names.length ? make("p", { class: "quiet" }, say("loads_unsplit", { n: names.length, names: names.join(say("comma")) })) : null,
  );
}

/** A bar of a table; the number stands beside it, so it says nothing to who cannot see it. */
function bar(share, certainty) {
  const width = Number.isFinite(share) ? share * 100 : 0;
  return makeSvg(
    "svg",
    { class: "bar " + certainty, viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true", focusable: "false" },
    makeSvg("rect", { x: 0, y: 0, width, height: 10 }),
  );
}

const LACKS = ["county_without_site", "township_unserved", "township_without_site"];

/** Places that have no site, by name; a long list is folded. */
function placesWithout(layer) {
  const mine = behind.places_without.filter((place) => place.layer === layer.id && inScope(countyOfPlace(place.place_code)));
  const line = (lack, certainty) => {
    const codes = mine.filter((place) => place.lack === lack && place.certainty === certainty).map((place) => place.place_code);
    if (!codes.length) {
      return null;
    }
    const heading = say("without_line", {
      lack: sayFull("spread.lack." + lack),
      certainty: sayFull("certainty." + certainty),
      n: codes.length,
    });
    const names = codes.map((code) => placeName(code) || countyName(code)).join(say("comma"));
    return codes.length > 12
      ? make("li", { "data-lack": lack + "-" + certainty }, make("details", {}, make("summary", {}, heading), make("p", {}, names)))
      : make("li", { "data-lack": lack + "-" + certainty }, heading + say("colon") + names);
  };
  const lines = LACKS.flatMap((lack) => CERTAINTIES.map((certainty) => line(lack, certainty))).filter((each) => each);
  return make(
    "div",
    { id: "places-without" },
    make("h3", {}, say("without_heading")),
    lines.length ? make("ul", { class: "prose" }, lines) : make("p", { class: "quiet" }, say("without_none")),
  );
}

function countyOfPlace(code) {
  return places.at.has(code) ? countyOfCode(code) : code;
}

/** People by how much longer their own way is than that to the nearest site; the whole country. */
function ownAgainstNearest(layer) {
  const mine = behind.own_nearest.filter((each) => each.layer === layer.id);
  if (!mine.length) {
    return null;
  }
  const steps = [...new Set(mine.map((each) => each.longer))];
  const of = (certainty, longer) => mine.find((each) => each.certainty === certainty && each.longer === longer);
  const lines = steps.map((longer) => [
    sayFull("spread.longer." + longer),
    ...CERTAINTIES.map((certainty) => {
      const all = mine.filter((each) => each.certainty === certainty).reduce((sum, each) => sum + each.target_people, 0);
      const people = of(certainty, longer).target_people;
      return make("div", { class: "beside" }, bar(people / all, certainty), make("span", { class: "people" }, whole(people)));
    }),
  ]);
  const heads = [say("longer"), ...CERTAINTIES.map((certainty) => sayFull("certainty." + certainty))];
  return make(
    "div",
    { id: "own-nearest" },
    make("h3", {}, say("own_nearest_heading")),
    prose(CERTAINTIES.map((certainty) => longerWords(layer, mine.filter((each) => each.certainty === certainty))).filter((text) => text)),
    makeTable(say("own_nearest_caption", { group: inLang(DATA.groups[layer.group]) }), heads, lines, {
      numeric: [1, 2],
      showCaption: true,
      class: "bars steps",
    }),
  );
}

/** How many have a longer way, and how much longer, in minutes. */
function longerWords(layer, mine) {
  const sum = (name, some) => some.reduce((total, each) => total + each[name], 0);
  const compared = mine.filter((each) => each.longer !== "not_known");
  const longer = compared.filter((each) => each.longer !== "none");
  const [people, of, minutes] = [sum("target_people", longer), sum("target_people", compared), sum("person_minutes", longer)];
  if (!of) {
    return null;
  }
  const told = {
    certainty: sayFull("certainty." + mine[0].certainty),
    n: whole(people),
    of: whole(of),
    share: shareText(people / of),
    minutes: whole(minutes),
    each: people ? grouped(minutes / people, 1) : "",
  };
  return say(people ? "longer_words" : "longer_nobody", told);
}
