// The page's words and numbers in the language shown.

let DATA = null;

/** Text `page.<key>` with {name} filled in. */
function say(key, values) {
  return sayFull("page." + key, values);
}

function sayFull(key, values) {
  const text = DATA.texts[key];
  if (!text) {
    throw new Error("no text " + key);
  }
  return values ? text[state.lang].replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole)) : text[state.lang];
}

/** A text whose key is made from a word of the data; the word itself where there is no text. */
function sayWord(prefix, word) {
  const key = prefix + "." + word;
  return key in DATA.texts ? sayFull(key) : String(word);
}

/** The Chinese or English side of something that has both; Chinese where English is missing. */
function inLang(both) {
  return (state.lang === "en" && both.en) || both.zh;
}

function whole(value) {
  return value === null || value === undefined ? say("unknown") : grouped(Math.round(value), 0);
}

const NUMBERS = [0, 1, 2, 3].map((digits) => new Intl.NumberFormat("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits }));

function grouped(value, digits) {
  return NUMBERS[digits].format(value);
}

function decimal(value, digits) {
  return value === null || value === undefined ? say("unknown") : grouped(value, digits);
}

function minutesText(value) {
  return value === null || value === undefined ? say("unknown") : say("minutes", { n: grouped(value, 1) });
}

function shareText(value) {
  return value === null || value === undefined ? say("unknown") : grouped(value * 100, 1) + "%";
}

function peopleText(value) {
  return value === null || value === undefined ? say("unknown") : say("people", { n: whole(value) });
}

/** Put the texts that never change with the data into the layout. */
function fillLayout() {
  for (const element of document.querySelectorAll("[data-text]")) {
    element.textContent = say(element.dataset.text);
  }
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", say(element.dataset.label));
  }
}
