// The embedded data, a block of deflated parts, and ways to look things up.

const places = { codes: [], name: [], nameEn: [], county: [], at: new Map() };
const counties = { codes: [], name: [], nameEn: [], at: new Map() };
let rowTable = null;
let siteTable = null;
let shapes = null;
let programmeData = null; // views in both languages, and numbers to draw; null without a programme
const rowNumber = new Map(); // layer id -> (township code -> row number)
const behind = {}; // table behind the rows -> its rows
let margins = null; // of every comparison, row after row: least, most (where not the same), holds
const firstMargin = []; // row number -> number of its first comparison
const siteNumber = new Map(); // layer id -> (site id -> number of the site)
const numbersOnMap = new Map(); // layer id -> numbers of its sites that are not closed
let RunRow = null; // a row as the run found it
let RunSite = null;

async function readData() {
  const { data, ...others } = JSON.parse(byId("geoplan-data").textContent);
  DATA = { ...JSON.parse(await inflate(data)), ...others };
  const tables = DATA.tables;
  rowTable = openTable(tables.rows);
  siteTable = openTable(tables.sites);
  RunRow = reading(Object.keys(rowTable), (name) => (name in AS_OF ? (row) => cellAsOf(row.number, name) : (row) => rowTable[name][row.number]));
  RunSite = reading(Object.keys(siteTable), (name) => (site) => siteTable[name][site.number]);
  shapes = tables.topology;
  programmeData = tables.programme;
  readPlaces(openTable(tables.townships), openTable(tables.counties));
  if (tables.villages) {
    readVillages(tables);
  }
  const { margins: values, ...lists } = tables.behind;
  margins = values;
  for (const [name, columns] of Object.entries(lists)) {
    behind[name] = records(openTable(columns));
  }
  for (const layer of DATA.layers) {
    rowNumber.set(layer.id, new Map());
    siteNumber.set(layer.id, new Map());
    numbersOnMap.set(layer.id, []);
  }
  siteTable.site_id.forEach((id, number) => {
    const known = siteNumber.get(siteTable.layer[number]);
    known.has(id) || known.set(id, number);
    if (siteTable.status[number] !== "closed") {
      numbersOnMap.get(siteTable.layer[number]).push(number);
    }
  });
  let seen = 0;
  for (let number = 0; number < rowTable.length; number += 1) {
    rowNumber.get(rowTable.layer[number]).set(rowTable.township_code[number], number);
    firstMargin.push(seen);
    seen += ruleOf(rowTable.rule_id[number]).comparisons.length;
  }
}

/** Columns as arrays of values; texts that stand once in the file are spread out again. */
function openTable(columns) {
  const table = { length: 0 };
  for (const [name, column] of Object.entries(columns)) {
    table[name] = Array.isArray(column)
      ? column
      : column.at.map((place) => (place < 0 ? null : column.of[place]));
    table.length = table[name].length;
  }
  return table;
}

/** A class whose objects hold a number and read each column by it. */
function reading(names, read) {
  class Reader {
    constructor(number) {
      this.number = number;
    }
  }
  for (const name of names) {
    const get = read(name);
    Object.defineProperty(Reader.prototype, name, {
      get() {
        return get(this);
      },
    });
  }
  return Reader;
}

function records(table) {
  const names = Object.keys(table).filter((name) => name !== "length");
  return Array.from({ length: table.length }, (nothing, at) =>
    Object.fromEntries(names.map((name) => [name, table[name][at]])),
  );
}

/** The rows behind a township's row in a layer; a trial has none. */
function rowsBehind(name, row) {
  return triedLayer(row.layer) ? [] : behind[name].filter((each) => each.layer === row.layer && each.township_code === row.township_code);
}

function ruleOf(id) {
  return DATA.rules.find((rule) => rule.id === id);
}

const HOLDS = ["false", "true", "unknown"];

/** Every comparison of the rule of a row, with its value there and whether it holds. */
function comparisonsOf(row) {
  const made = triedLayer(row.layer);
  if (made) {
    return triedComparisons(made, row);
  }
  const first = firstMargin[rowNumber.get(row.layer).get(row.township_code)];
  return ruleOf(row.rule_id).comparisons.map((compared, at) => {
    const number = first + at;
    const least = margins.least[number];
    const most = number in margins.most ? margins.most[number] : least;
    return { ...compared, least, most, holds: HOLDS[margins.holds[number]] };
  });
}

function readPlaces(townships, countyTable) {
  places.codes = townships.township_code;
  places.name = townships.township_name;
  places.nameEn = townships.township_name_en;
  places.county = townships.county_code;
  places.codes.forEach((code, at) => places.at.set(code, at));
  counties.codes = countyTable.county_code;
  counties.name = countyTable.county_name;
  counties.nameEn = countyTable.county_name_en;
  counties.codes.forEach((code, at) => counties.at.set(code, at));
}

/** How people come to their site of a service: by assignment, or by taking the nearest. */
function bond(layer) {
  return layer.assigned ? "assigned" : "chosen";
}

function layerOf(id) {
  const layer = DATA.layers.find((each) => each.id === id);
  return layer && viewedLayer(layer);
}

/** The row of a township in a layer, as an object that reads its columns. */
function rowOf(layer, code) {
  const number = rowNumber.get(layer).get(code);
  return number === undefined ? null : rowAt(number);
}

/** As the run found it, or as the trial finds it. */
function rowAt(number) {
  const made = triedLayer(rowTable.layer[number]);
  return made ? triedRow(made, number) : new RunRow(number);
}

function siteAt(number) {
  const site = new RunSite(number);
  const shut = triedClosed(siteTable.layer[number]).has(siteTable.site_id[number]);
  return shut ? Object.defineProperty(site, "status", { value: "shut" }) : site;
}

/** Existing and proposed sites of a layer, and those of a trial; closed ones are in the lists of the
 * run, not on the map. */
function sitesIn(layer) {
  return [...numbersOnMap.get(layer).map(siteAt), ...openedSites().filter((site) => site.layer === layer)];
}

/** Those in the area looked at. */
function sitesOf(layer) {
  return sitesIn(layer).filter((site) => inScope(site.county_code));
}

function siteById(layer, id) {
  const opened = trial.on && editOf(tried(), layer).open.includes(id);
  return opened ? openedSite(layer, id) : siteInTable(layer, id);
}

function siteInTable(layer, id) {
  const number = siteNumber.get(layer).get(id);
  return number === undefined ? null : siteAt(number);
}

/** Townships of the county looked at, or all. */
function scopeCodes() {
  return places.codes.filter((code) => inScope(places.county[places.at.get(code)]));
}

function inScope(countyCode) {
  return !state.county || countyCode === state.county;
}

function countyName(code) {
  const at = counties.at.get(code);
  if (at === undefined) {
    return say("nation");
  }
  return (state.lang === "en" && counties.nameEn[at]) || counties.name[at];
}

function placeName(code) {
  const at = places.at.get(code);
  if (at === undefined) {
    return "";
  }
  const county = countyName(places.county[at]);
  if (state.lang === "en" && places.nameEn[at]) {
    return places.nameEn[at] + ", " + county;
  }
  return county + places.name[at];
}

/** "a;b" -> ["a", "b"]. */
function words(text) {
  return text ? text.split(";").filter((word) => word) : [];
}

/** Nothing is known of anybody in the target group, so no share and no number is told. */
function allUndetermined(row, suffix) {
  return row.target_people > 0 && row["target_undetermined" + (suffix || "")] === row.target_people;
}

function isProvisional(row) {
  return row.certainty === "provisional";
}
