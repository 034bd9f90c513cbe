// The list as a CSV file: the same rows, columns and signs as underserved.csv of the run. While a
// trial is on, the file is the trial's: its name and its first column say so, and a column that a
// trial does not count anew is empty in the rows of a service it changes.

const CSV_DIGITS = 5; // as geoplan.export.cells.DIGITS

/** Every listed row, service by service: firm first, then provisional. */
function listCsv() {
  const lines = [[...(trial.on ? ["trial"] : []), ...DATA.columns]];
  for (const layer of DATA.layers) {
    const said = trial.on ? [say(triedLayer(layer.id) ? "trial_csv_tried" : "trial_csv_run")] : [];
    for (const row of csvRows(layer.id)) {
      lines.push([...said, ...DATA.columns.map((name) => asInLists(row[name]))]);
    }
  }
  return "\ufeff" + lines.map((line) => line.map(csvCell).join(",") + "\r\n").join("");
}

/** The listed rows of a service, of the whole page. */
function csvRows(layerId) {
  const listed = [...rowNumber.get(layerId).values()].map(rowAt).filter((row) => row.listed);
  const ordered = triedLayer(layerId) ? inTriedOrder(listed) : listed;
  return [...ordered.filter((row) => !isProvisional(row)), ...ordered.filter(isProvisional)];
}

/** Numbers have as many digits as in the lists of the run. */
function asInLists(value) {
  return typeof value === "number" ? Number(value.toFixed(CSV_DIGITS)) : value;
}

/** A cell as text; what a spreadsheet would run as a formula gets a leading '. */
function csvCell(value) {
  if (value === null || value === undefined) {
    return "";
  }
  const formula = typeof value === "string" && /^\s*[=+\-@＝＋－＠]/.test(value);
  const text = (formula ? "'" : "") + String(value);
  return /[",\r\n]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
}

function downloadList() {
  const file = new Blob([listCsv()], { type: "text/csv;charset=utf-8" });
  const name = ["underserved", ownCounty(), trial.on && "trial"].filter((part) => part).join("-") + ".csv";
  const link = make("a", { href: URL.createObjectURL(file), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  const said = ownCounty() ? "downloaded_county" : "downloaded";
  tell(say(trial.on ? "trial_downloaded" : said, { file: name, county: countyName(ownCounty()) }));
}
