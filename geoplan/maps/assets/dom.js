// Elements made from code. Every text becomes a text node: nothing that comes from data is markup.
// What is drawn again stays in the page as far as it is the same: with it focus, scroll position and
// open details, and the browser lays out only what is another one.

const NOBODY = new Map();
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
      element.heard = value;
      Object.keys(value).forEach((event) => element.addEventListener(event, hear));
    } else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  const kept = shown(children);
  element.append(...kept);
  element.lively = Boolean(element.heard) || kept.some((child) => child.lively);
  return element;
}

function hear(event) {
  event.currentTarget.heard[event.type](event);
}

/** Children out of lists in lists, without those that are absent. */
function shown(children, found = []) {
  for (const child of children) {
    if (Array.isArray(child)) {
      shown(child, found);
    } else if (child !== null && child !== undefined && child !== false) {
      found.push(child);
    }
  }
  return found;
}

function replace(element, ...children) {
  element.replaceChildren(...shown(children));
}

/** Let an element have these children; those it has become them where they are of the same kind. A
 * node that is moved loses its focus, so what stands before one that stays and is wanted no more goes. */
function redraw(element, ...children) {
  const wanted = shown(children).map((child) => (child instanceof Node ? child : document.createTextNode(child)));
  const named = wanted.some((fresh) => fresh.id) ? childrenNamed(element, wanted) : NOBODY;
  let at = element.firstChild;
  const next = (node) => {
    const after = node.nextSibling;
    node.remove();
    return after;
  };
  for (const fresh of wanted) {
    const old = named.get(fresh.id);
    while (old && at && at !== old && !named.has(at.id)) {
      at = next(at);
    }
    if (!becomes(old || at, fresh)) {
      element.insertBefore(fresh, at);
    } else if (!old || old === at) {
      at = at.nextSibling;
    } else {
      element.insertBefore(old, at);
    }
  }
  while (at) {
    at = next(at);
  }
}

/** The children that have an id of one that is wanted, by it. */
function childrenNamed(element, wanted) {
  const ids = new Set(wanted.map((fresh) => fresh.id).filter((id) => id));
  return new Map([...element.children].filter((child) => ids.has(child.id)).map((child) => [child.id, child]));
}

/** Make a node of the page look and act as a fresh one; false where it is another kind of thing.
 * So a listener finds the parts it works on from where it stands, and keeps none of them. */
function becomes(old, fresh) {
  if (!old || old.nodeName !== fresh.nodeName || old.id !== fresh.id) {
    return false;
  }
  if (fresh.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) {
      old.data = fresh.data;
    }
    return true;
  }
  if (!old.lively && !fresh.lively && old.isEqualNode(fresh)) {
    return true;
  }
  if (!hearsAlike(old.heard, fresh.heard)) {
    return false;
  }
  old.heard = fresh.heard;
  old.lively = fresh.lively;
  dressAs(old, fresh);
  redraw(old, ...fresh.childNodes);
  return true;
}

function hearsAlike(was, is) {
  return was === is || Object.keys(was || {}).join() === Object.keys(is || {}).join();
}

/** The attributes of the fresh one, and whether it is ticked; what the reader has opened stays open. */
function dressAs(old, fresh) {
  for (const name of fresh.getAttributeNames()) {
    const value = fresh.getAttribute(name);
    if (name === "style") {
      old.style.cssText = value; // the page's policy refuses the attribute
    } else if (name !== "open" && old.getAttribute(name) !== value) {
      old.setAttribute(name, value);
    }
  }
  for (const name of old.getAttributeNames()) {
    if (name !== "open" && !fresh.hasAttribute(name)) {
      old.removeAttribute(name);
    }
  }
  if (old.checked !== fresh.checked) {
    old.checked = fresh.checked;
  }
  if (old.type === "range" && old.value !== fresh.value) {
    old.value = fresh.value;
  }
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
