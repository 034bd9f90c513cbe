"""The commands as a user runs them: their words and exit codes, and what only a process shows."""

from __future__ import annotations

import csv
import inspect
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from geoplan.cli import app
from geoplan.console import print_plan
from geoplan.export.lists import make_lists
from geoplan.export.words import Labels
from geoplan.model import Plan
from geoplan.reporting.figures import how_far, load_total
from geoplan.tables import DETAILS
from geoplan.texts import LANGS, Lang
from tests.commands import Done, geoplan

APP: Any = get_command(app)
ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}


def process(*words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The command as a process of its own, which pays for its imports."""
    command = [sys.executable, "-m", "geoplan", *map(str, words)]
    return subprocess.run(
        command, cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def toy_run(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """Where a process planned the toy country, and what it printed."""
    cwd = tmp_path_factory.mktemp("cli")
    done = process("--json", "--quiet", "run", "toy", cwd=cwd)
    assert done.returncode == 0, done.stderr
    return cwd / "maps" / "toy", done


@pytest.fixture(scope="module")
def toy_folder(toy_run: tuple[Path, subprocess.CompletedProcess[str]]) -> Path:
    """The result of that run."""
    return toy_run[0]


def every_command(group: Any = APP, at: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words of every command of the app, those of its groups too."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from every_command(command, (*at, name))
        else:
            yield (*at, name)


def examples(help_text: str) -> list[list[str]]:
    """The words of each example of a help text, without `geoplan`."""
    whole = re.sub(r"\\\n\s*", " ", help_text)
    return [
        shlex.split(line)[1:] for line in re.findall(r"^(?:Example: )?(geoplan .+)$", whole, re.M)
    ]


def parsed(words: list[str]) -> tuple[str, ...]:
    """The command that the words mean, its options and arguments read as when it runs."""
    group, at = APP, []
    context = APP.make_context("geoplan", words)
    while hasattr(group, "commands"):
        name, group, rest = group.resolve_command(
            context, [*context._protected_args, *context.args]
        )
        at.append(name)
        context = group.make_context(name, rest, parent=context)
    return tuple(at)


@pytest.mark.parametrize("command", list(every_command()), ids=" ".join)
def test_every_command_has_examples_that_can_be_typed(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    told = geoplan(*command, "--help", cwd=tmp_path)
    assert told.returncode == 0
    found = APP
    for name in command:
        found = found.commands[name]
    shown = examples(inspect.cleandoc(found.help or ""))
    assert shown or command == ("version",)
    for words in shown:
        assert parsed(words) == command
    assert all(words[-1] in " ".join(told.stdout.split()) for words in shown)


def test_the_examples_of_the_app_are_commands() -> None:
    told = re.findall(r"Example: (geoplan .+?)(?: {3}|$)", APP.help or "", re.M)
    assert [parsed(shlex.split(line)[1:]) for line in told] == [("run",), ("explain",)]


def test_an_example_with_an_option_that_is_none_is_found() -> None:
    with pytest.raises(Exception, match="--noo"):
        parsed(["run", "toy", "--noo"])


def test_help_imports_nothing_heavy() -> None:
    heavy = ("numpy", "pandas", "folium")
    code = f"import sys, geoplan.cli; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], env=ENVIRONMENT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_version_as_json(tmp_path: Path) -> None:
    told = json.loads(process("--json", "version", cwd=tmp_path).stdout)
    assert re.fullmatch(r"\d+\.\d+\.\d+", told["geoplan"])


def test_run_writes_every_file_of_the_contract(toy_folder: Path) -> None:
    assert {path.name for path in toy_folder.iterdir()} == {
        "map.html",
        "underserved.xlsx",
        "underserved.csv",
        "townships.csv",
        "villages.parquet",
        "sites.csv",
        "sites.geojson",
        "report.html",
        "plan.json",
        "plan.gpkg",
        "manifest.json",
        *(f"{table.id}.csv" for table in DETAILS),
        *(
            f"certificate-{layer}-{year}{aim}.zip"
            for layer in ("toy_centres", "toy_pantries")
            for year in (2026, 2027)
            for aim in ("", "-plain")
        ),
    }


def test_run_prints_data_on_stdout_and_notes_on_stderr(
    toy_run: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    done = toy_run[1]
    assert done.stderr == ""
    plan = json.loads(done.stdout)
    assert plan["study"]["id"] == "toy"
    told = geoplan("run", "toy", "--out", "here", cwd=tmp_path, lang="zh")
    assert "設籍人口" in told.stderr
    assert "目標" in told.stdout


@pytest.mark.parametrize("lang", LANGS)
def test_each_service_is_a_block_of_six_lines(
    lang: Lang, toy_plan: Plan, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    print_plan(toy_plan, tmp_path, lang, as_json=False, notes=False)
    head, *blocks, end = capsys.readouterr().out.split("\n\n")
    assert len(head.splitlines()) == 2
    assert str(tmp_path) in end
    assert len(blocks) == len(toy_plan.study.layers)
    lists, labels = make_lists(toy_plan), Labels(toy_plan, lang)
    for layer, block in zip(toy_plan.study.layers, blocks, strict=True):
        name, *lines = block.splitlines()
        assert name == labels.layer(layer.id)
        assert len(lines) == 6
        total, nation = lists.total(layer.id), lists.national(layer.id)
        far, much, beyond, listed, sites, plan = lines
        for each in how_far(lists, layer):
            assert (each.mean is None) or f"{each.mean:.1f}" in far
            assert f"{each.beyond:,}" in beyond
            assert f"{each.undetermined:,}" in beyond
        load = load_total(lists, layer, "firm")
        if load:
            for figure in ("largest_residents_per_site", "smallest_residents_per_site"):
                assert f"{load[figure]:,.0f}" in much
            assert f"{load['ratio']:,.1f}" in much
            assert labels.area(load["largest_area_id"]) in much
        for row in lists.details["load_totals"].of(layer.id):
            if row["scope"] != "all" and row["townships_without"]:
                assert re.search(rf"\b{row['townships_without']}\b", much, re.ASCII)
        assert f" {total['listed_firm']} " in f" {listed} "
        for count in ("target", "existing_named", "proposed"):
            assert str(nation[count]) in sites
        for figure in ("gain", "listed_gain", "gain_bound", "listed_gain_bound"):
            assert f"{total[figure]:,}" in plan


def test_one_township_is_one_in_english(
    toy_plan: Plan, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    print_plan(toy_plan, tmp_path, "en", as_json=False, notes=False)
    told = capsys.readouterr().out
    assert not re.search(r"(?<![.,\d])1 (townships|sites)\b", told)
    assert "in 1 township" in told


def test_without_draws_the_console_tells_no_share(
    toy_plan: Plan, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nothing = {"share_listed": float("nan"), "share_undetermined": float("nan")}
    rows = toy_plan.rows.assign(**nothing)
    print_plan(replace(toy_plan, rows=rows), tmp_path, "en", as_json=False, notes=False)
    told = capsys.readouterr().out
    assert "of the runs" not in told
    assert "nan" not in told


def test_explain_by_name_and_code(toy_folder: Path) -> None:
    with (toy_folder / "townships.csv").open(encoding="utf-8-sig", newline="") as file:
        row = next(csv.DictReader(file))
    name = row["county_name"] + row["township_name"]
    by_name = geoplan("explain", toy_folder, name, cwd=toy_folder)
    by_code = geoplan("explain", toy_folder, row["township_code"], cwd=toy_folder)
    assert by_name.returncode == 0, by_name.stderr
    assert by_name.stdout == by_code.stdout
    assert row["sentence_en"] in by_name.stdout
    as_json = json.loads(geoplan("--json", "explain", toy_folder, name, cwd=toy_folder).stdout)
    assert as_json["rows"][0]["beyond_people"] == row["beyond_people"]


def test_explain_of_nobody_and_of_nothing(toy_folder: Path, tmp_path: Path) -> None:
    unknown = geoplan("explain", toy_folder, "Nowhere", cwd=tmp_path)
    assert (unknown.returncode, "Nowhere" in unknown.stderr) == (2, True)
    nothing = geoplan("explain", tmp_path, "Nowhere", cwd=tmp_path)
    assert nothing.returncode == 5
    assert "manifest.json" in nothing.stderr


def test_layers_shows_sources_and_services(tmp_path: Path) -> None:
    told = json.loads(geoplan("--json", "layers", cwd=tmp_path).stdout)
    assert {layer["layer"]: layer["named"] for layer in told["layers"]} == {
        "welfare_centres": 155,
        "mental_health_centres": 60,
        "collaboration_sites": 39,
        "food_banks": 143,
    }
    assert len(told["services"]) == 30
    assert all(source["licence"] for source in told["sources"])
    assert "社會福利服務中心" in geoplan("layers", cwd=tmp_path, lang="zh").stdout


def test_check_finds_every_fault_and_writes_nothing(tmp_path: Path) -> None:
    bad = tmp_path / "mine.csv"
    bad.write_text(
        "site_id,layer,name,county,township,lon,lat\n"
        "X1,welfare_centers,A,臺北市,中正區,121.5,25.03\n"
        "X1,food_banks,B,臺北市,中正區,302000,2770000\n",
        encoding="utf-8",
    )
    done = geoplan("check", bad, "--role", "facilities", cwd=tmp_path)
    assert done.returncode == 3
    for word in ("mine.csv", "welfare_centers", "welfare_centres", "lon", "X1"):
        assert word in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.csv"]
    run = geoplan("run", "--sites", bad, "--out", "out", cwd=tmp_path)
    assert run.returncode == 3
    assert [path.name for path in tmp_path.iterdir()] == ["mine.csv"]


def test_check_of_the_bundled_studies_is_good(tmp_path: Path) -> None:
    assert geoplan("check", "tw-2030", "toy", cwd=tmp_path).returncode == 0


def test_an_unknown_key_is_told_with_the_nearest_right_one(tmp_path: Path) -> None:
    study = (ROOT / "studies" / "toy.toml").read_text("utf-8")
    (tmp_path / "mine.toml").write_text(study.replace("metres_crs", "meters_crs"), "utf-8")
    done = geoplan("run", "mine.toml", cwd=tmp_path)
    assert done.returncode == 3
    assert "meters_crs" in done.stderr
    assert "metres_crs" in done.stderr


def test_wrong_usage(tmp_path: Path) -> None:
    assert geoplan("run", "--nonsense", cwd=tmp_path).returncode == 2
    missing = geoplan("run", "no-such-study", cwd=tmp_path)
    assert missing.returncode == 5
    assert "tw-2030" in missing.stderr


def test_a_file_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine")
    done = geoplan("run", "toy", "--out", "taken", cwd=tmp_path)
    assert done.returncode == 7
    assert (tmp_path / "taken").read_text() == "mine"


def test_interrupted_by_the_keyboard(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "geoplan", "run", "tw-2030", "--out", "out"]
    process = subprocess.Popen(command, cwd=tmp_path, env=ENVIRONMENT, stderr=subprocess.PIPE)
    for _ in range(600):  # until the run has claimed its folder, however slow the machine is
        if (tmp_path / ".out.geoplan").exists():
            break
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Interrupted" in told
    assert not (tmp_path / "out").exists()


def test_the_same_inputs_give_the_same_bytes(toy_folder: Path, tmp_path: Path) -> None:
    other = {"TZ": "Asia/Tokyo", "PYTHONHASHSEED": "7", "LC_ALL": "C", "LANG": "C"}
    command = [sys.executable, "-m", "geoplan", "run", "toy", "--out", "again"]
    subprocess.run(
        command, cwd=tmp_path, env={**ENVIRONMENT, **other}, check=True, capture_output=True
    )
    again = (tmp_path / "again" / "manifest.json").read_text()
    assert again == (toy_folder / "manifest.json").read_text()


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("command", [["layers", "toy"], ["--json", "layers", "toy"], ["version"]])
def test_a_reader_who_has_seen_enough_is_no_bug(
    command: list[str], unbuffered: str, tmp_path: Path
) -> None:
    nobody, output = os.pipe()
    os.close(nobody)  # the reader is gone before the first word: the surest case of `| head -1`
    done = subprocess.run(
        [sys.executable, "-m", "geoplan", "--quiet", *command],
        cwd=tmp_path,
        env={**ENVIRONMENT, "PYTHONUNBUFFERED": unbuffered},
        stdout=output,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(output)
    assert (done.returncode, done.stderr) == (0, "")


def test_what_the_terminal_cannot_show_is_escaped(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "geoplan", "--lang", "zh", "layers", "toy"]
    environment = {**ENVIRONMENT, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert done.returncode == 0
    assert b"\\u" in done.stdout


def test_a_role_that_does_not_exist(tmp_path: Path) -> None:
    done = geoplan("check", "toy", "--role", "foo", cwd=tmp_path)
    assert done.returncode == 2
    assert "facilities" in done.stderr


def test_a_service_without_any_site_left_can_be_planned(tmp_path: Path) -> None:
    with (ROOT / "data" / "toy" / "facilities" / "toy_centres.csv").open(encoding="utf-8") as file:
        ids = [row["site_id"] for row in csv.DictReader(file)]
    rows = [f"{site},,,,,closed" for site in ids]
    header = "site_id,layer,name,county,township,status"
    (tmp_path / "close.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    done = geoplan("run", "toy", "--sites", "close.csv", "--out", "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_a_damaged_result_is_not_explained(toy_folder: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged"
    shutil.copytree(toy_folder, damaged)
    with (damaged / "townships.csv").open("a", encoding="utf-8") as file:
        file.write("one more line\r\n")
    done = geoplan("explain", damaged, "0101", cwd=tmp_path)
    assert done.returncode == 5
    assert "townships.csv" in done.stderr


def readme_commands() -> list[str]:
    """Every geoplan command line of README's shell blocks."""
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    lines = [line.split("#")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.startswith("geoplan ")]


def test_readme_commands_with_files_of_ones_own_have_these_options(tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text("utf-8").replace("\\\n", "")
    blocks = re.findall(r"```console\n(.*?)```", readme, re.DOTALL)
    lines = [shlex.split(line, comments=True)[1:] for text in blocks for line in text.splitlines()]
    assert len(lines) >= 10
    for words in lines:
        command = words[: 2 if words[0] == "roads" else 1]
        told = geoplan(*command, "--help", cwd=tmp_path)
        assert told.returncode == 0, told.stderr
        assert all(word in told.stdout for word in words if word.startswith("--"))


def test_readme_commands_run(taiwan: Path, taiwan_result: Path, tmp_path: Path) -> None:
    first, *commands = readme_commands()
    assert first == "geoplan run"  # which is what the session has in `taiwan`
    assert len(commands) >= 5
    shutil.copytree(taiwan_result, tmp_path / taiwan_result.relative_to(taiwan))
    shutil.copy(ROOT / "docs" / "my-sites.csv", tmp_path)
    for line in commands:
        words = shlex.split(line)[1:]
        # Other tests plan all of Taiwan with draws; here the commands are at stake.
        words += ["--quick"] if "run" in words and "--quick" not in words else []
        done = served(words, tmp_path) if "serve" in words else geoplan(*words, cwd=tmp_path)
        assert done.returncode == 0, (line, done.stderr)


def served(words: list[str], folder: Path) -> Done:
    """The command that goes on until Ctrl-C, which it gets once it has told its address."""
    with subprocess.Popen(
        [sys.executable, "-m", "geoplan", *words],
        cwd=folder,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as run:
        assert run.stdout is not None
        address = run.stdout.readline()
        run.send_signal(signal.SIGINT)
        _, told = run.communicate(timeout=60)
    return Done(run.returncode, address, told)
