// The list as a CSV file: the same rows, columns and signs as underserved.csv of the run.

/** Every listed row, service by service: firm first, then provisional. */
function listCsv() {
  const lines = [DATA.columns];
  for (const layer of DATA.layers) {
    for (const number of rowNumber.get(layer.id).values()) {
      if (rowTable.listed[number]) {
        lines.push(DATA.columns.map((name) => rowTable[name][number]));
      }
    }
  }
  return "\ufeff" + lines.map((line) => line.map(csvCell).join(",") + "\r\n").join("");
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
  const name = ownCounty() ? "underserved-" + ownCounty() + ".csv" : "underserved.csv";
  const link = make("a", { href: URL.createObjectURL(file), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  const said = ownCounty() ? "downloaded_county" : "downloaded";
  tell(say(trial.on ? "trial_downloaded" : said, { file: name, county: countyName(ownCounty()) }));
}
