// Why a township has its status, and how sure that is: each comparison of the rule, the seeded runs,
// what would lift it, and what would change its answer. Words are those of `geoplan explain`.

/** A value of a rule or of one of its thresholds, with its unit; a share as a percentage. */
function ruleValue(value, unit, digits) {
  if (value === null) {
    return say("unknown");
  }
  const decimals = unit.startsWith("people") ? 0 : digits;
  return sayFull("unit." + unit, { value: grouped(unit === "share" ? value * 100 : value, decimals) });
}

/** A threshold as the rule writes it. */
function thresholdText(value, unit) {
  const shown = (unit === "share" ? value * 100 : value).toLocaleString("en-US", { maximumFractionDigits: 5 });
  return sayFull("unit." + unit, { value: shown });
}

/** By how much the end that is better for people lies beyond the threshold. */
function marginOf({ least, most, sign, threshold }) {
  if (sign.startsWith(">")) {
    return least === null ? null : least - threshold;
  }
  return most === null ? null : threshold - most;
}

/** Where a value lies close to its threshold, as many decimals as tell them apart. */
function digitsOf(compared) {
  const margin = marginOf(compared);
  const near = margin !== null && Math.abs(compared.unit === "share" ? margin * 100 : margin) < 0.1;
  return near ? 3 : 1;
}

function ruleTests(row) {
  const tests = comparisonsOf(row);
  if (!tests.length) {
    return null;
  }
  const lines = tests.map((each, at) => {
    const digits = digitsOf(each);
    const [least, most] = [ruleValue(each.least, each.unit, digits), ruleValue(each.most, each.unit, digits)];
    const margin = marginOf(each);
    return [
      testName(each, tests[at - 1]),
      each.least === each.most ? least : sayFull("explain.range", { least, most }),
      sayFull("rule.bound." + each.sign, { value: thresholdText(each.threshold, each.unit) }),
      (margin > 0 ? "+" : "") + ruleValue(margin, each.unit, digits),
      make("span", { class: "holds " + each.holds }, sayFull("explain.holds." + each.holds)),
    ];
  });
  const heads = ["test_compared", "test_here", "test_threshold", "test_margin", "test_holds"].map((key) => say(key));
  return make(
    "div",
    { class: "tests" },
    make("h3", {}, say("tests_heading")),
    makeTable(say("tests_heading"), heads, lines, { numeric: [1, 3] }),
  );
}

/** The test before its first comparison, before the others how they are joined; and the measure. */
function testName(each, last) {
  const measure = sayFull("measure." + each.measure);
  if (!last || last.test !== each.test) {
    return [make("strong", {}, sayFull("reason." + each.test)), measure];
  }
  const joint = sayFull(last.sentence === each.sentence ? "explain.and" : "explain.or").trim();
  return [make("strong", {}, joint), measure];
}

/** In how many of the seeded runs it is listed, and between what its figures lie in them. */
function runsOf(row) {
  if (row.share_listed === null) {
    return null;
  }
  const range = (name, show) => {
    const [low, high] = [row[name + "_low"], row[name + "_high"]];
    const told = low === null || high === null ? null : sayFull("explain.draws_range", { low: show(low), high: show(high) });
    return told ? [make("dt", {}, sayFull("explain.draws_" + name)), make("dd", {}, told)] : null;
  };
  return make(
    "div",
    { class: "runs" },
    make("h3", {}, sayFull("explain.draws")),
    make("p", {}, sayFull("explain.draws_listed", { share: shareText(row.share_listed) })),
    row.share_undetermined ? make("p", {}, say("runs_undetermined", { share: shareText(row.share_undetermined) })) : null,
    make("dl", { class: "facts" }, range("rank", whole), range("beyond_share", shareText)),
  );
}

/** What is enough alone to take the township off the list, and what else helps. */
function lift(row) {
  const remedy = rowsBehind("remedies", row)[0];
  if (!remedy) {
    return null;
  }
  const people = remedy.people_to_bring_within;
  // Rounded up: a little less would not be enough.
  const up = (value) => grouped(Math.ceil(10 * value) / 10, 1);
  const enough = [
    people === null ? null : sayFull("explain.leave_people." + (people === 1 ? "one" : "many"), { n: whole(people) }),
    remedy.minutes_shorter === null ? null : sayFull("explain.leave_minutes", { value: up(remedy.minutes_shorter) }),
    remedy.capacity_times === null ? null : sayFull("explain.leave_capacity", { value: up(remedy.capacity_times) }),
  ].filter((text) => text);
  const helps = words(remedy.remedies).map((code) => sayFull("remedy." + code));
  const fact = (key, text) => (text ? [make("dt", {}, sayFull(key)), make("dd", {}, text)] : null);
  return make(
    "div",
    { class: "lift" },
    make("h3", {}, sayFull("explain.lift")),
    make(
      "dl",
      { class: "facts" },
      fact("explain.leave", enough.join(sayFull("explain.leave_or"))),
      fact("explain.helps", helps.join(say("comma"))),
    ),
  );
}

/** What became of it since a previous run, where the run was compared with one. */
function changeWords(row) {
  return row.change ? [sayFull("change." + row.change), ...words(row.change_reason).map((why) => sayFull("why." + why))].join(say("comma")) : null;
}

/** Whether it is listed only at villages, or only with everybody at one point. */
function flipWords(row) {
  const flip = rowsBehind("flips", row)[0];
  return flip
    ? say("flip_value", {
        flip: sayFull("flip." + flip.flip),
        villages: peopleText(flip.beyond_people_villages),
        point: peopleText(flip.beyond_people_township),
      })
    : null;
}

/** The thresholds which, a tenth lower or higher, bring it onto the list or off it. */
function nearMissWords(row) {
  const comparisons = ruleOf(row.rule_id).comparisons;
  return rowsBehind("near_misses", row)
    .map((miss) => {
      const compared = comparisons.find((each) => each.parameter === miss.parameter);
      return say("near_miss", {
        name: compared ? sayFull("measure." + compared.measure) : say("near_beyond"),
        from: thresholdText(miss.value, miss.unit),
        to: thresholdText(miss.changed_value, miss.unit),
        change: sayFull("change." + miss.change),
      });
    })
    .join(say("semicolon"));
}

/** Of the rows of one certainty: how many stay listed in nearly every run, and near misses. */
function suretyWords(rows, certainty) {
  const mine = rows.filter((row) => row.certainty === certainty);
  const listed = mine.filter((row) => row.listed);
  const drawn = listed.filter((row) => row.share_listed !== null);
  const codes = new Set(mine.map((row) => row.township_code));
  const moved = (change) =>
    new Set(
      (triedLayer(state.layer) ? [] : behind.near_misses)
        .filter((miss) => miss.layer === state.layer && miss.change === change && codes.has(miss.township_code))
        .map((miss) => miss.township_code),
    ).size;
  const [came, went] = [moved("came"), moved("went")];
  return [
    drawn.length ? say("runs_sure", { n: drawn.filter((row) => row.share_listed >= 0.95).length, of: drawn.length }) : null,
    came || went ? say("near_count", { came, went }) : null,
  ]
    .filter((text) => text)
    .join(say("space"));
}
