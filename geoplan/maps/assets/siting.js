// The proposed sites: what they bring, year by year beside the best of each year, the curve of their
// number, other plans, readings of the quota, and each site with what is lost without it.

const FEW_PROPOSALS = 10;

function proposals(layer) {
  const sites = sitesOf(layer.id)
    .filter((site) => site.status === "proposed")
    .sort((one, other) => one.order - other.order);
  const parts = [make("p", { class: "prose" }, say("area_warning"))];
  if (!sites.length) {
    return [...parts, make("p", { class: "quiet" }, say("proposals_none"))];
  }
  parts.push(prose(gainWords(layer, sites)));
  const told = ofLayer("siting_years", layer).length > 0;
  if (!state.county && told) {
    parts.push(yearsPart(layer), curvePart(layer));
  }
  parts.push(siteTables(layer, sites));
  if (!state.county && told) {
    parts.push(besidePart(layer), quotaPart(layer));
  }
  return parts;
}

function ofLayer(table, layer) {
  return behind[table].filter((each) => each.layer === layer.id);
}

/** How far the plan is from what no plan can beat, in words. */
function boundWords(layer) {
  const last = ofLayer("siting_years", layer).filter((each) => each.year).pop() || ofLayer("siting_years", layer)[0];
  const told = { sites: last.sites, n: whole(last.listed_loss), bound: whole(last.listed_bound), proof: sayFull("code.proof." + last.proof) };
  return say(last.listed_loss > 0 ? "siting_short" : "siting_best", told);
}

/** New sites of each year, the people within by its end, and the best of that year alone. */
function yearsPart(layer) {
  const rows = ofLayer("siting_years", layer);
  const years = rows.filter((each) => each.year);
  const words = [boundWords(layer)];
  if (!years.length) {
    return prose(words);
  }
  const all = rows.find((each) => !each.year);
  const open = years.filter((each) => each.proof !== "optimal").map((each) => yearText(Number(each.year)));
  words.push(say("siting_steps", { steps: sayFull("code.steps." + years[0].steps) }));
  if (all) {
    words.push(say(all.listed_loss > 0 ? "siting_phased" : "siting_phased_best", { n: whole(all.listed_loss), share: shareText(all.gap) }));
  }
  words.push(open.length ? say("siting_unproven", { years: open.join(say("comma")) }) : say("siting_proven"));
  const most = Math.max(...years.map((each) => each.listed_bound), 1);
  const lines = years.map((each) => [
    yearText(Number(each.year)),
    String(each.new_sites),
    String(each.stands),
    make("div", { class: "year-bar" }, yearBar(each, most), make("span", {}, whole(each.listed_gain))),
    whole(each.listed_bound),
    whole(each.gain),
  ]);
  const heads = ["year", "siting_new", "siting_stands", "siting_listed", "siting_bound", "siting_all"].map((key) => say(key));
  const caption = say("siting_years_caption", { minutes: layer.minutes });
  return make(
    "div",
    { id: "siting-years" },
    prose(words),
    makeTable(caption, heads, lines, { numeric: [1, 2, 3, 4, 5], showCaption: true, class: "years" }),
  );
}

/** A bar of the people covered; the tick is the bound of the year. */
function yearBar(each, most) {
  const at = (people) => (people / most) * 100;
  return makeSvg(
    "svg",
    { class: "bar firm", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true", focusable: "false" },
    makeSvg("rect", { x: 0, y: 0, width: at(each.listed_gain), height: 10 }),
    makeSvg("line", { class: "tick", x1: Math.min(at(each.listed_bound), 99.4), x2: Math.min(at(each.listed_bound), 99.4), y1: 0, y2: 10 }),
  );
}

const CURVE = { left: 8, right: 392, top: 14, bottom: 116 };

/** People of listed townships within, by number of sites: the plan's order, and no plan's bound. */
function curvePart(layer) {
  const points = ofLayer("siting_curve", layer);
  const known = points.filter((each) => each.listed_bound !== null);
  if (points.length < 3) {
    return null;
  }
  const last = points[points.length - 1];
  const most = Math.max(last.listed_gain, ...known.map((each) => each.listed_bound), 1);
  const x = (sites) => CURVE.left + ((CURVE.right - CURVE.left) * sites) / last.sites;
  const y = (people) => CURVE.bottom - ((CURVE.bottom - CURVE.top) * people) / most;
  const path = (some, name) => "M" + x(0) + " " + y(0) + some.map((each) => "L" + x(each.sites).toFixed(1) + " " + y(each[name]).toFixed(1)).join("");
  const years = ofLayer("siting_years", layer).filter((each) => each.year && each.new_sites);
  const half = points.find((each) => 2 * each.listed_gain >= last.listed_gain) || last;
  return make(
    "figure",
    { class: "curve", id: "siting-curve" },
    make("figcaption", {}, say("siting_curve_caption", { minutes: layer.minutes })),
    makeSvg(
      "svg",
      { viewBox: "0 0 400 136", role: "img", "aria-label": say("siting_curve_label", { half: half.sites, sites: last.sites, n: whole(last.listed_gain) }), focusable: "false" },
      makeSvg("path", { class: "axis", d: "M" + CURVE.left + " " + CURVE.bottom + "H" + CURVE.right }),
      years.map((each) => [
        makeSvg("path", { class: "year", d: "M" + x(each.sites) + " " + CURVE.top + "V" + CURVE.bottom }),
        makeSvg("text", { class: "year", x: x(each.sites), y: 130, "text-anchor": each.sites === last.sites ? "end" : "middle" }, yearText(Number(each.year))),
      ]),
      makeSvg("path", { class: "bound", d: path(known, "listed_bound") }),
      makeSvg("path", { class: "plan", d: path(points, "listed_gain") }),
    ),
    make(
      "p",
      { class: "quiet" },
      make("span", { class: "curve-key" }, say("siting_curve_plan")),
      make("span", { class: "curve-key bound" }, say("siting_curve_bound")),
      say("siting_curve_label", { half: half.sites, sites: last.sites, n: whole(last.listed_gain) }),
    ),
  );
}

function siteTables(layer, sites) {
  const more = new Map(ofLayer("siting_sites", layer).map((each) => [each.order, each]));
  const often = [...more.values()].some((each) => each.selected);
  const rows = sites.map((site) => {
    const each = more.get(site.order);
    return [
      String(site.order),
      site.year ? yearText(Number(site.year)) : "",
      make("span", { class: "marked" }, placeButton(site.township_code), site.conditional ? "＊" : null),
      whole(site.listed_gain),
      whole(site.gain),
      each ? whole(each.loss) : "",
      ...(often ? [each && each.selected ? sayFull("code.selected." + each.selected) : ""] : []),
    ];
  });
  const heads = ["order", "year", "township", "listed_gain", "gain", "siting_loss", ...(often ? ["siting_selected"] : [])];
  const table = (caption, some) => makeTable(caption, heads.map((key) => say(key)), some, { numeric: [3, 4, 5] });
  const parts = [table(say("proposals_heading", { service: inLang(layer) }), rows.slice(0, FEW_PROPOSALS))];
  if (rows.length > FEW_PROPOSALS) {
    const summary = make("summary", {}, say("proposals_more", { n: rows.length - FEW_PROPOSALS }));
    parts.push(make("details", {}, summary, table(say("proposals_rest"), rows.slice(FEW_PROPOSALS))));
  }
  return make(
    "div",
    { id: "siting-sites" },
    parts,
    sites.some((site) => site.conditional) ? make("p", { class: "quiet" }, "＊" + say("conditional_short")) : null,
    often ? make("p", { class: "quiet" }, say("siting_selected_note")) : null,
  );
}

/** The plan beside others of as many sites: what another aim or rule would bring. */
function besidePart(layer) {
  const plans = ofLayer("siting_beside", layer);
  const rows = plans.map((each) => [
    sayFull("code.plan." + each.plan),
    whole(each.listed_gain),
    whole(each.gain),
    whole(each.townships_lifted),
    whole(each.places_first),
    sayFull("code.proof." + each.proof),
  ]);
  const heads = ["siting_plan", "listed_gain", "gain", "siting_lifted", "siting_first", "siting_proof"].map((key) => say(key));
  return make("div", { id: "siting-beside" }, makeTable(say("siting_beside_caption", { sites: plans[0].sites }), heads, rows, { numeric: [1, 2, 3, 4], showCaption: true }));
}

/** The readings of the quota side by side; those that cannot be met say because of what. */
function quotaPart(layer) {
  const readings = ofLayer("quota_readings", layer);
  if (!readings.length) {
    return null;
  }
  const because = (each) =>
    each.proof === "infeasible" ? say("quota_because", { needed: each.new_needed, place: each.to_place, unplaced: each.unplaced }) : sayFull("code.proof." + each.proof);
  const rows = readings.map((each) => [
    sayFull("code.rounding." + each.rounding),
    each.total === null ? "" : whole(each.total),
    each.total_kept === null ? "" : whole(each.total_kept),
    because(each),
    each.proof === "infeasible" ? "" : whole(each.listed_gain),
    each.proof === "infeasible" ? "" : whole(each.gain),
  ]);
  const heads = ["quota_rounding", "quota_total", "quota_kept", "siting_proof", "listed_gain", "gain"].map((key) => say(key));
  const caption = say("quota_caption", { target: readings[0].target, quota: whole(readings[0].residents_per_site) });
  return make(
    "div",
    { id: "siting-quota" },
    makeTable(caption, heads, rows, { numeric: [1, 2, 4, 5], showCaption: true }),
    make("p", { class: "quiet" }, say("quota_note")),
  );
}

/** What the sites shown bring; the bound holds for the whole country only. */
function gainWords(layer, sites) {
  const sum = (name, of) => whole(of.reduce((people, site) => people + site[name], 0));
  const conditional = sites.filter((site) => site.conditional);
  const idle = sites.filter((site) => site.gain === 0);
  const settled = layer.totals.target_undetermined - layer.totals.target_undetermined_after;
  const told = {
    county: countyName(state.county),
    sites: sites.length,
    n: sum("gain", sites),
    listed: sum("listed_gain", sites),
    minutes: layer.minutes,
    bound: whole(layer.totals.gain_bound),
  };
  const part = (some) => ({ n: some.length, of: sites.length, minutes: layer.minutes, people: sum("gain", some) });
  return [
    say(state.county ? "proposals_gain_county" : "proposals_gain", told),
    conditional.length ? say("proposals_conditional", part(conditional)) : null,
    settled > 0 && !state.county ? say("proposals_settled", { settled: whole(settled), minutes: layer.minutes }) : null,
    idle.length ? say("proposals_no_gain", part(idle)) : null,
  ].filter((text) => text);
}
