"""`geoplan verify`: a whole result passes, and whatever is changed in it is found and named."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from geoplan.catalog import read_inputs
from geoplan.certificates import Certificate, certificate_file
from geoplan.errors import BadInput
from geoplan.export import write_plan
from geoplan.export.folder import FORMAT, write_result
from geoplan.model import Plan
from geoplan.pipeline import plan_inputs
from geoplan.siting.location import Effort, LocationProblem
from geoplan.siting.models import solve
from geoplan.siting.proof import Proof
from geoplan.siting.question import Question
from geoplan.study import read_study
from geoplan.verifying.certificate import check_certificate
from geoplan.verifying.files import check_files
from geoplan.verifying.verify import verify
from tests.commands import geoplan, write

PAGE = "<!doctype html><title>run {}</title>"
FILES = (
    *("map.html", "underserved.xlsx", "underserved.csv", "townships.csv", "villages.parquet"),
    *("sites.csv", "sites.geojson", "report.html", "plan.json", "equity.csv"),
)


@pytest.fixture(scope="module")
def whole(quick_plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A result as `geoplan run` writes it."""
    folder = tmp_path_factory.mktemp("verify") / "toy"
    write_plan(quick_plan, PAGE.format(quick_plan.run_id), folder)
    return folder


@pytest.fixture
def result(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "toy"))


def bad(folder: Path) -> list[str]:
    """Codes and values of what failed."""
    return [f"{each.code} {each.values}" for each in verify(folder) if each.outcome == "bad"]


def test_a_whole_result_passes(whole: Path) -> None:
    done = geoplan("verify", whole, cwd=whole)
    assert done.returncode == 0, done.stdout
    assert "FAILED" not in done.stdout
    assert "no certificate" in done.stdout  # a quick run proves no bounds
    told = json.loads(geoplan("--json", "verify", whole, cwd=whole, lang="zh").stdout)
    assert (told["good"], told["kind"]) == (True, "run")
    assert "bad" not in {each["outcome"] for each in told["checks"]}
    assert len(told["checks"]) > 15


@pytest.mark.parametrize("name", FILES)
def test_a_changed_byte_is_found_and_named(result: Path, name: str) -> None:
    content = bytearray((result / name).read_bytes())
    content[len(content) // 2] ^= 1
    (result / name).write_bytes(content)
    done = geoplan("verify", result, cwd=result)
    assert done.returncode == 4
    assert f"{name}: changed" in done.stdout


def test_missing_longer_and_unexpected_files_are_named(result: Path) -> None:
    (result / "equity.csv").unlink()
    (result / "mine.txt").write_text("x", "utf-8")
    (result / ".DS_Store").write_text("x", "utf-8")
    with (result / "sites.csv").open("ab") as file:
        file.write(b"\n")
    found = "\n".join(bad(result))
    for code, name in (("missing", "equity"), ("unexpected", "mine"), ("changed", "sites.csv")):
        assert f"file_{code} {{'file': '{name}" in found
    assert "DS_Store" not in found


def test_each_changed_byte_of_the_manifest_is_found(tmp_path: Path) -> None:
    """It has no checksum of its own."""
    about = {"geoplan": "1", "kind": "toy"}
    plan = json.dumps({"geoplan": "1", "format": "toy"}).encode()
    write_result(tmp_path / "plan", [("plan.json", plan), ("a.csv", b"1\n")], about)
    path = tmp_path / "plan" / "manifest.json"
    content = path.read_bytes()
    assert {each.outcome for each in check_files(path.parent)} == {"good"}
    refused = 0
    for at in range(len(content)):
        changed = bytearray(content)
        changed[at] ^= 1
        path.write_bytes(changed)
        try:
            found = [each.code for each in check_files(path.parent) if each.outcome == "bad"]
            assert found, changed[at - 9 : at + 9]
        except BadInput:  # not even the name of the format is left
            assert FORMAT.encode() not in changed
            refused += 1
    assert refused == len(FORMAT)


@pytest.mark.parametrize("text", [None, "{}", "not json"])
def test_what_is_no_result_is_refused(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "manifest.json").write_text(text, "utf-8")
    done = geoplan("verify", tmp_path, cwd=tmp_path)
    assert done.returncode == 3
    assert "no result folder" in done.stderr
    assert geoplan("verify", tmp_path / "nowhere", cwd=tmp_path).returncode == 3


def reseal(folder: Path) -> None:
    """Write the checksums anew, as somebody would who hides a change."""
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    for entry in manifest["files"]:
        content = (folder / entry["name"]).read_bytes()
        entry |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    text = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
    (folder / "manifest.json").write_text(text, "utf-8", newline="\n")


def read_table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline="")))


def write_table(path: Path, rows: list[dict[str, str]]) -> None:
    made = io.StringIO(newline="")
    writer = csv.DictWriter(made, list(rows[0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(made.getvalue(), "utf-8-sig", newline="")


def with_cells(folder: Path, file: str, cells: Mapping[str, str], site: str | None = None) -> None:
    """Change cells of the first row, or of a site's."""
    rows = read_table(folder / file)
    next(row for row in rows if site in (None, row.get("site_id"))).update(cells)
    write_table(folder / file, rows)


def with_cell(folder: Path, file: str, column: str, change: Callable[[str], str]) -> None:
    """Change the first cell of a column that is not blank."""
    rows = read_table(folder / file)
    at = next(at for at, row in enumerate(rows) if row[column])
    rows[at][column] = change(rows[at][column])
    write_table(folder / file, rows)


def more(cell: str) -> str:
    return str(int(cell) + 1)


CELLS = {
    "townships.csv": {
        **dict.fromkeys(("population", "target_people", "population_covered"), "totals"),
        **dict.fromkeys(("population_uncovered", "target_covered"), "totals"),
        **dict.fromkeys(("target_uncovered", "target_undetermined"), "totals"),
        **dict.fromkeys(("target_unreachable", "target_covered_after"), "totals"),
        **dict.fromkeys(("target_uncovered_after",), "totals"),
        "proposed_sites": "proposals",
        "township_code": "proposals",
        "run_id": "same_run",
        **dict.fromkeys(("status", "listed", "certainty"), "listed"),
    },
    "underserved.csv": dict.fromkeys(
        ("beyond_people", "status", "township_code", "sentence_en"), "underserved"
    ),
    "sites.csv": {
        "status": "counts",
        "layer": "counts",
        "site_id": "points",
        "lon": "points",
        **dict.fromkeys(("order", "gain", "listed_gain", "township_code"), "proposals"),
    },
}


@pytest.mark.parametrize(
    ("file", "column", "check"), [(f, c, k) for f, cells in CELLS.items() for c, k in cells.items()]
)
def test_a_figure_that_does_not_agree_is_found(
    result: Path, file: str, column: str, check: str
) -> None:
    """Even where the checksums were written anew."""
    words = {
        "status": lambda old: "watch" if old == "severe" else "severe",
        "listed": lambda old: str(old != "true").lower(),
        "lon": lambda old: f"{float(old) + 0.1:.6f}",
    }
    if file == "sites.csv":
        words["status"] = lambda _: "closed"
    change = words.get(column, lambda old: more(old) if old.isdigit() else f"{old}x")
    with_cell(result, file, column, change)
    reseal(result)
    assert f"{check}_wrong" in [found.split(" ")[0] for found in bad(result)]
    done = geoplan("verify", result, cwd=result) if column == "run_id" else None
    assert done is None or done.returncode == 4


RUN_CELLS = {
    "siting_years.csv": "new_sites sites listed_gain gain listed_bound listed_loss loss",
    "siting_sites.csv": "site_id order year listed_gain gain county_name township_name",
    "siting_gains.csv": "site_id gain",
    "siting_progress.csv": "target_people beyond_people beyond_share target_undetermined",
}


@pytest.mark.parametrize(
    ("file", "column"), [(file, c) for file, cells in RUN_CELLS.items() for c in cells.split()]
)
def test_a_figure_of_the_siting_that_does_not_agree_is_found(
    result: Path, file: str, column: str
) -> None:
    with_cell(result, file, column, lambda old: more(old) if old.isdigit() else f"{old}x")
    reseal(result)
    assert any("_wrong" in found for found in bad(result))


SPREAD_CELLS = [
    *[("minutes_classes.csv", column) for column in ("people", "people_beyond")],
    *[("lorenz.csv", column) for column in ("people", "person_minutes", "minutes_share")],
]


@pytest.mark.parametrize(("file", "column"), SPREAD_CELLS)
def test_a_spread_of_minutes_that_does_not_agree_is_found(
    result: Path, file: str, column: str
) -> None:
    rows = read_table(result / file)
    row = next(row for row in rows if row["scope"] == "all" and row.get("point") != "0")
    row[column] = str(float(row[column]) * 1.5) if "." in row[column] else more(row[column])
    write_table(result / file, rows)
    reseal(result)
    assert [found for found in bad(result) if "spread" in found]


QUOTA_CELLS = (
    *("rounding", "residents_per_site", "total", "total_kept", "target", "new_needed", "to_place"),
    *("unplaced", "proof", "counties", "gain", "listed_bound"),
)


@pytest.mark.parametrize("column", QUOTA_CELLS)
def test_a_figure_of_a_quota_s_reading_that_does_not_agree_is_found(
    result: Path, column: str
) -> None:
    with_cell(result, "quota_readings.csv", column, lambda old: more(old) if old.isdigit() else "x")
    reseal(result)
    assert [found for found in bad(result) if "quota" in found]


def test_a_quota_that_is_said_to_be_infeasible_and_is_not_is_found(result: Path) -> None:
    cells = {"proof": "infeasible", "infeasible_because": "counties_lack_more"}
    cells |= dict.fromkeys(("listed_gain", "gain", "listed_bound", "gain_bound"), "")
    with_cells(result, "quota_readings.csv", cells)
    reseal(result)
    assert len(bad(result)) == 1
    assert "quotas_wrong" in bad(result)[0]


@pytest.mark.parametrize("where", ["sites.csv", "both"])
def test_a_proposal_that_is_moved_is_found(result: Path, where: str) -> None:
    rows = read_table(result / "sites.csv")
    moved = next(row for row in rows if row["status"] == "proposed")
    lon = f"{float(moved['lon']) + 0.01:.6f}"
    with_cells(result, "sites.csv", {"lon": lon}, moved["site_id"])
    if where == "both":
        shown = json.loads((result / "sites.geojson").read_text("utf-8"))
        for each in shown["features"]:
            if each["properties"]["site_id"] == moved["site_id"]:
                each["geometry"]["coordinates"][0] = float(lon)
        (result / "sites.geojson").write_text(json.dumps(shown), "utf-8")
    reseal(result)
    found = [each.split(" ")[0] for each in bad(result)]
    assert found == ["points_wrong"] * (where != "both") + ["search_areas_wrong"]


@pytest.fixture(scope="module")
def in_one_step(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A result with certificates, of a study that names no years."""
    inputs = read_inputs(read_study("toy"))
    without = inputs.study.model_copy(update={"phasing": None})
    plan = plan_inputs(replace(inputs, study=without))
    folder = tmp_path_factory.mktemp("verify") / "one-step"
    write_plan(plan, PAGE.format(plan.run_id), folder)
    return folder


@pytest.fixture(scope="module")
def in_years(toy_plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A result with certificates of every year."""
    folder = tmp_path_factory.mktemp("verify") / "years"
    write_plan(toy_plan, PAGE.format(toy_plan.run_id), folder)
    return folder


@pytest.mark.parametrize("study", ["in_one_step", "in_years"])
def test_years_follow_from_their_certificates(
    study: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    whole = request.getfixturevalue(study)
    assert not bad(whole)
    years = [each for each in verify(whole) if each.code == "year"]
    assert len(years) == (2 if study == "in_one_step" else 4)
    for at, (columns, found) in enumerate(FORGED.items()):
        folder = Path(shutil.copytree(whole, tmp_path / str(at)))
        row = read_table(folder / "siting_years.csv")[0]
        cells = {name: more(row[name]) for name in columns.split()}
        if "listed_bound" in columns:
            cells["gap"] = str(1 / int(cells["listed_bound"]))
            cells["proof"] = "within"
        with_cells(folder, "siting_years.csv", cells)
        reseal(folder)
        told = [each for each in verify(folder) if each.code == "year_wrong"]
        assert [each.values["what"] for each in told] == [found]


# What a person may change together, so that the table agrees with itself, and what names it.
FORGED = {
    "listed_bound listed_loss": "proof, listed_bound",
    "gain_bound": "gain_bound",
    "best_gain loss": "best_gain",
}


def test_a_certificate_that_is_taken_away_is_missed(in_one_step: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(in_one_step, tmp_path / "plan"))
    (folder / "certificate-toy_centres.zip").unlink()
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["files"] = [each for each in manifest["files"] if (folder / each["name"]).exists()]
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    reseal(folder)
    assert ["year_wrong" in found for found in bad(folder)] == [True]


@pytest.mark.parametrize("column", ["site_id", "gain"])
def test_a_proposal_other_than_the_certificates_allow_is_found(
    in_one_step: Path, tmp_path: Path, column: str
) -> None:
    folder = Path(shutil.copytree(in_one_step, tmp_path / "plan"))
    rows = read_table(folder / "sites.csv")
    proposed = next(row for row in rows if row["status"] == "proposed")
    value = "proposed-toy_centres-0104" if column == "site_id" else more(proposed["gain"])
    with_cells(folder, "sites.csv", {column: value}, proposed["site_id"])
    with_cells(folder, "siting_years.csv", {"gain": "9161"} if column == "gain" else {})
    reseal(folder)
    assert any("year_wrong" in found for found in bad(folder))


PLAN = {
    ("totals", "population"): "totals",
    ("totals", "target_covered_after"): "totals",
    ("totals", "gain"): "proposals",
    ("totals", "listed_gain"): "proposals",
    ("counts", "existing_named"): "counts",
    ("counts", "proposed"): "counts",
    ("rows", "firm"): "listed",
    ("rows", "undetermined"): "listed",
}


@pytest.mark.parametrize(("part", "name"), PLAN)
def test_a_changed_figure_of_the_summary_is_found(result: Path, part: str, name: str) -> None:
    plan = json.loads((result / "plan.json").read_text("utf-8"))
    plan["layers"][0][part][name] += 1
    (result / "plan.json").write_text(json.dumps(plan), "utf-8")
    reseal(result)
    assert f"{PLAN[part, name]}_wrong" in [found.split(" ")[0] for found in bad(result)]


@pytest.mark.parametrize("target", ["target", "bound", "minimum"])
def test_targets_bounds_and_minimums_are_kept(result: Path, target: str) -> None:
    plan = json.loads((result / "plan.json").read_text("utf-8"))
    layer = plan["layers"][0]
    if target == "target":
        layer["counts"]["target"] -= 1
    elif target == "bound":
        layer["totals"]["gain_bound"] = layer["totals"]["gain"] - 1
    else:
        plan["study"]["settings"]["layer"][0]["siting"]["county_at_least"] = 9
    (result / "plan.json").write_text(json.dumps(plan), "utf-8")
    reseal(result)
    codes = {"target": "counts_wrong", "bound": "proposals_wrong", "minimum": "minimum_wrong"}
    assert any(found.startswith(codes[target]) for found in bad(result))


@pytest.mark.parametrize("column", ["population", "target_people", "coverage", "coverage_after"])
def test_a_changed_village_is_found(result: Path, column: str) -> None:
    frame = pd.read_parquet(result / "villages.parquet")
    frame[column] = frame[column].astype(object)
    at = frame.index[frame["population"] > 0][0]
    old = frame.at[at, column]
    states = ["covered", "uncovered"]
    frame.at[at, column] = (
        old + 1 if column in ("population", "target_people") else (states[old == "covered"])
    )
    frame.to_parquet(result / "villages.parquet")
    reseal(result)
    assert [found.split(" ")[0] for found in bad(result)] == ["villages_wrong"]


def test_another_run_s_map_is_found(result: Path) -> None:
    (result / "map.html").write_text("<!doctype html>", "utf-8")
    reseal(result)
    assert bad(result) == [f"same_run_wrong {{'run': '{run_of(result)}', 'what': 'map.html'}}"]


def run_of(folder: Path) -> str:
    return str(json.loads((folder / "plan.json").read_text("utf-8"))["run_id"])


def grid(model: str) -> Certificate:
    """25 villages and 25 places on a grid, with quotas, costs and two sites that stand."""
    rng = np.random.default_rng(5)
    at = np.array([(x, y) for x in range(5) for y in range(5)])
    ms = np.abs(at[:, None] - at[None, :]).sum(axis=2) * 60_000 + rng.integers(0, 9_000, (25, 25))
    group = (at[:, 0] > 2).astype(np.int64)
    fixed, forbidden = np.zeros(25, bool), np.zeros(25, bool)
    fixed[[3]], forbidden[[7]] = True, True
    problem = LocationProblem(
        start=np.arange(26) * 25,
        site=np.tile(np.arange(25, dtype=np.int32), 25),
        ms=ms.ravel(),
        weight=rng.integers(1, 500, 25),
        sites=25,
        fixed=fixed,
        forbidden=forbidden,
        group=group,
        at_least=np.array([1, 1]),
        at_most=np.array([4, 4]),
        cost=rng.integers(1, 9, 25),
    )
    wanted = Question(125_000, None if model == "lscp" else 4, 1, 900_000)
    found = solve(model, problem, wanted, Effort(proof=True))
    ids = np.array([f"v{i}" for i in range(25)], object)
    return Certificate(model, problem, wanted, found, ids, ids.copy(), ("west", "east"))


MODELS = ("mclp", "backup", "lscp", "partial-cover", "p-median", "p-centre")


@pytest.mark.parametrize("model", MODELS)
def test_a_certificate_is_proven_again(tmp_path: Path, model: str) -> None:
    read, found = check_certificate(seal(tmp_path, grid(model)))
    assert read is not None
    assert {each.outcome for each in found} == {"good"}
    assert any(each.code.endswith("_best") for each in found)


def seal(folder: Path, certificate: Certificate) -> Path:
    name, content = certificate_file(certificate)
    (folder / name).write_bytes(content)
    return folder / name


def damages(certificate: Certificate) -> Iterator[tuple[str, Certificate]]:
    """Each kind of figure changed, one at a time; the words that must name it."""
    problem, found, question = certificate.problem, certificate.found, certificate.question
    proof = found.proof
    assert proof is not None

    def of_problem(**changes: Any) -> Certificate:
        return replace(certificate, problem=replace(problem, **changes))

    def of_found(**changes: Any) -> Certificate:
        return replace(certificate, found=replace(found, **changes))

    most = certificate.model in ("mclp", "backup")
    better = 1 if most else -1
    served = problem.weight + 1
    closer = problem.ms.copy()
    closer[np.isin(problem.site, found.chosen)] += 60_000
    yield "objective", of_found(objective=found.objective + better, bound=found.bound + better)
    yield "status", of_found(bound=found.bound + better)
    yield "status", of_found(bound=found.bound - better)
    yield "status", of_found(status="within")
    yield "proof", of_found(proof=replace(proof, bound=proof.bound - better))
    yield "proof", of_found(proof=replace(proof, nodes=()))
    yield "fixed", of_found(chosen=found.chosen[found.chosen != 3])
    yield "forbidden", of_found(chosen=np.append(found.chosen[found.chosen != 3], [3, 7]))
    yield "at_least", of_problem(at_least=np.array([1, 5]), at_most=np.array([4, 5]))
    yield "at_most", of_problem(at_most=np.array([0, 4]), at_least=np.array([0, 2]))
    yield "budget", of_problem(budget=1)
    yield "apart", of_problem(apart=found.chosen[:2].reshape(1, 2))
    if certificate.model in ("mclp", "backup", "p-median"):
        yield "objective", of_problem(weight=served)
    if certificate.model != "lscp" and certificate.model != "partial-cover":
        yield "objective", of_problem(ms=closer)
        count = len(found.chosen) + 1
        yield "count", replace(certificate, question=replace(question, count=count))
    if certificate.model in ("lscp", "partial-cover"):
        assert problem.cost is not None
        yield "objective", of_problem(cost=problem.cost + 1)
        missing = "all_covered" if certificate.model == "lscp" else "share"
        yield missing, of_problem(ms=problem.ms + 125_000)


@pytest.mark.parametrize("model", MODELS)
def test_every_kind_of_figure_is_counted_again(tmp_path: Path, model: str) -> None:
    for word, damaged in damages(grid(model)):
        _, found = check_certificate(seal(tmp_path, damaged))
        failed = [each for each in found if each.outcome == "bad"]
        assert any(word in each.code for each in failed), (word, found)
        assert all(each.tell(lang) for each in failed for lang in ("zh", "en"))


@pytest.mark.parametrize("model", MODELS)
def test_prices_that_prove_less_are_found(tmp_path: Path, model: str) -> None:
    """Prices of the proof set to nothing, one table at a time."""
    made = grid(model)
    proof = made.found.proof
    assert proof is not None
    cheap = [
        replace(node, prices=tuple(replace(p, demand=p.demand * 0) for p in node.prices))
        for node in proof.nodes
    ]
    nothing = Proof(proof.bound, proof.shift, tuple(cheap))
    _, found = check_certificate(
        seal(tmp_path, replace(made, found=replace(made.found, proof=nothing)))
    )
    assert [each.code for each in found if each.outcome == "bad"] == ["proof_open_end"]


def test_a_bound_that_rests_on_a_solver_is_told_apart(tmp_path: Path) -> None:
    made = grid("mclp")
    weaker = replace(made.found, proof=None)
    _, found = check_certificate(seal(tmp_path, replace(made, found=weaker)))
    assert [each.code for each in found if each.outcome == "note"] == ["bound_unproven"]
    proof = made.found.proof
    assert proof is not None
    loose = replace(proof, bound=made.found.bound + 1_000)
    _, found = check_certificate(
        seal(tmp_path, replace(made, found=replace(made.found, proof=loose)))
    )
    assert [each.code for each in found if each.outcome == "note"] == ["bound_rests"]
    assert "bound_most" in [each.code for each in found if each.outcome == "good"]


def test_each_byte_of_a_certificate_counts(tmp_path: Path) -> None:
    """A changed byte is found by the manifest; and no damage makes the check fail itself."""
    name, content = certificate_file(grid("mclp"))
    folder = tmp_path / "plan"
    write_result(folder, [(name, content)], {})
    rng = np.random.default_rng(2)
    for at in rng.integers(0, len(content), 60):
        changed = bytearray(content)
        changed[at] ^= 1 << int(rng.integers(0, 8))
        (folder / name).write_bytes(changed)
        assert any("file_changed" in found for found in bad(folder))
        check_certificate(folder / name)


@pytest.fixture(scope="module")
def sited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A result as `geoplan site` writes it."""
    folder = tmp_path_factory.mktemp("sited")
    rng = np.random.default_rng(4)
    rows = [f"v{i},s{j},{rng.integers(1, 40)}" for i in range(12) for j in range(6)]
    write(folder / "m.csv", "demand_id,site_id,minutes", *rows)
    people = [f"v{i},{rng.integers(1, 900)},{'ab'[i % 2]}" for i in range(12)]
    write(folder / "d.csv", "demand_id,population,area", *people)
    write(folder / "c.csv", "site_id,status", "s0,existing", *(f"s{j}," for j in range(1, 6)))
    tables = ("--matrix", "m.csv", "--demand", "d.csv", "--candidates", "c.csv", "--out", "plan")
    quick = ("--frequency", 4, "--alternatives", 1)
    question = ("--model", "mclp", "-p", 3, "--threshold", 15)
    done = geoplan("site", *tables, *question, *quick, cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "plan"


def test_a_plan_on_tables_of_one_s_own_is_proven_again(sited: Path) -> None:
    done = geoplan("verify", sited, cwd=sited)
    assert done.returncode == 0, done.stdout
    assert "so this plan is best; proven by" in done.stdout
    assert json.loads(geoplan("--json", "verify", sited, cwd=sited).stdout)["kind"] == "site"


FIGURES = {
    "sites": "order gain_people loss_people people_served",
    "assignment": "population people minutes minutes_before",
    "areas": "population reached_before reached_after share_before share_after nearer "
    "mean_minutes_before mean_minutes_after",
    "alternatives": "alternative objective worse_by differs bound",
    "curve": "sites in_order best bound",
}


def one_more(cell: str) -> str:
    return str(float(cell) + 1) if "." in cell else str(int(cell) + 1)


SITE_CELLS = (
    ("sites.csv", "status", lambda old: "candidate" if old == "existing" else "existing"),
    ("sites.csv", "site_id", lambda old: f"{old}x"),
    ("sites.csv", "fixed", lambda old: "false" if old == "true" else "true"),
    ("assignment.csv", "site_id", lambda old: "s9"),
    ("assignment.csv", "demand_id", lambda old: f"{old}x"),
    ("assignment.csv", "reached", lambda old: "false" if old == "true" else "true"),
    *(
        (f"{file}.csv", column, one_more)
        for file, columns in FIGURES.items()
        for column in columns.split()
    ),
    ("alternatives.csv", "status", lambda old: "within" if old == "optimal" else "optimal"),
    ("alternatives.csv", "brings_in", lambda old: "s0"),
    ("curve.csv", "status", lambda old: "within" if old == "optimal" else "optimal"),
    ("sites.csv", "how_often", lambda old: "often" if old != "often" else "always"),
)


@pytest.mark.parametrize(("file", "column", "change"), SITE_CELLS)
def test_tables_that_differ_from_the_certificate_are_found(
    sited: Path, tmp_path: Path, file: str, column: str, change: Callable[[str], str]
) -> None:
    folder = Path(shutil.copytree(sited, tmp_path / "plan"))
    with_cell(folder, file, column, change)
    reseal(folder)
    # Minutes beyond the threshold stand in no certificate: the areas' means show them.
    assert any(file in found or "minutes" in column for found in bad(folder))


@pytest.mark.parametrize("name", ["objective", "bound", "proven_bound", "open", "gap", "model"])
def test_a_summary_that_differs_from_the_certificate_is_found(
    sited: Path, tmp_path: Path, name: str
) -> None:
    folder = Path(shutil.copytree(sited, tmp_path / "plan"))
    plan = json.loads((folder / "plan.json").read_text("utf-8"))
    plan[name] = "lscp" if name == "model" else plan[name] + 1
    (folder / "plan.json").write_text(json.dumps(plan), "utf-8")
    reseal(folder)
    assert any("plan_wrong" in found for found in bad(folder))


NO_SITE = (
    ("mclp", "--budget", 0),
    ("partial-cover", "--share", 0),
    ("even-cover", "-p", 2, "--gini", 0),
)


@pytest.mark.parametrize("asked", NO_SITE, ids=lambda asked: asked[0])
def test_a_plan_of_no_site_is_a_plan(tmp_path: Path, asked: tuple[object, ...]) -> None:
    write(tmp_path / "m.csv", "demand_id,site_id,minutes", "v,s,3", "w,t,4")
    write(tmp_path / "d.csv", "demand_id,population,area", "v,7,a", "w,7,b", "x,1,c")
    write(tmp_path / "c.csv", "site_id,cost", "s,2", "t,2")
    tables = ("--matrix", "m.csv", "--demand", "d.csv", "--candidates", "c.csv", "--out", "plan")
    tables += ("--frequency", 0, "--alternatives", 0, "--curve", 0)
    done = geoplan("site", *tables, "--threshold", 5, "--model", *asked, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    plan = json.loads((tmp_path / "plan" / "plan.json").read_text("utf-8"))
    assert (plan["open"], plan["objective"], plan["gap"], plan["status"]) == (0, 0, 0, "optimal")
    assert not bad(tmp_path / "plan")


ROOM = (
    ("mclp", "-p", 2, "--threshold", 9),
    ("lscp", "--threshold", 30),
    ("partial-cover", "--threshold", 9, "--share", 0.5),
    ("capacitated-cover", "-p", 3, "--threshold", 9),
    ("p-centre", "-p", 3),
    ("capacitated-cover", "-p", 4, "--threshold", 9, "--apart", "a.csv"),
)


@pytest.mark.parametrize("asked", ROOM, ids=lambda asked: " ".join(map(str, asked)))
def test_plans_with_room_that_binds_are_proven_again(
    tmp_path: Path, asked: tuple[object, ...]
) -> None:
    rng = np.random.default_rng(8)
    rows = [f"v{i},s{j},{rng.integers(1, 20)}" for i in range(5) for j in range(4)]
    write(tmp_path / "m.csv", "demand_id,site_id,minutes", *rows)
    write(tmp_path / "d.csv", "demand_id,population,area", *(f"v{i},{i + 3},b" for i in range(5)))
    write(tmp_path / "c.csv", "site_id,capacity", *(f"s{j},10" for j in range(4)))
    write(tmp_path / "a.csv", "site_id,other_id", "s0,s1", "s2,s3")
    tables = ("--matrix", "m.csv", "--demand", "d.csv", "--candidates", "c.csv", "--out", "plan")
    tables += ("--frequency", 0, "--alternatives", 0, "--curve", 0)
    done = geoplan("site", *tables, "--capacity", "--model", *asked, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert not bad(tmp_path / "plan")
