// Elements made from code. Every text becomes a text node: nothing that comes from data is markup.

const SVG = "http://www.w3.org/2000/svg";

function byId(id) {
  return document.getElementById(id);
}

/** An element with attributes and children; `on` holds listeners, absent children are left out. */
function make(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

function makeSvg(tag, attributes, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) {
        element.addEventListener(event, listener);
      }
    } else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) {
      element.append(child);
    }
  }
  return element;
}

function replace(element, ...children) {
  const kept = children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
  element.replaceChildren(...kept);
}

/** A table with a caption for screen readers; a row is a list of cells, a cell text or element. */
function makeTable(caption, heads, rows, options) {
  const numeric = new Set((options && options.numeric) || []);
  const rowHead = (options && options.rowHead) || 0;
  const cellClass = (at) => (numeric.has(at) ? "number" : null);
  return make(
    "div",
    { class: "table-frame", role: "region", tabindex: "0", "aria-label": caption },
    make(
      "table",
      { class: (options && options.class) || null },
      make("caption", { class: options && options.showCaption ? null : "unseen" }, caption),
      make(
        "thead",
        {},
        make("tr", {}, heads.map((head, at) => make("th", { scope: "col", class: cellClass(at) }, head))),
      ),
      make(
        "tbody",
        {},
        rows.map((cells) =>
          make(
            "tr",
            {},
            cells.map((cell, at) =>
              at === rowHead
                ? make("th", { scope: "row", class: cellClass(at) }, cell)
                : make("td", { class: cellClass(at) }, cell),
            ),
          ),
        ),
      ),
    ),
  );
}
