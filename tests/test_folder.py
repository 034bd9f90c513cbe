"""The result folder is whole or not there: real processes, real kills, real refusals."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from geoplan.errors import CannotWrite
from geoplan.export.folder import (
    JUNK,
    MANIFEST,
    changed_files,
    claim,
    is_whole,
    read_manifest,
    write_result,
)

ABOUT = {"run_id": "r1"}
NAMES = [f"part{number}.txt" for number in range(6)]
PRELUDE = """
import os, sys, time
from pathlib import Path
from geoplan.errors import CannotWrite
from geoplan.export.folder import claim, write_result
out = Path(sys.argv[1])
def files(mark):
    return [(f"part{n}.txt", f"{mark}\\n".encode() * 2000) for n in range(6)]
"""


def files(mark: str) -> Iterator[tuple[str, bytes]]:
    yield from ((name, f"{mark}\n".encode() * 2000) for name in NAMES)


def mark_of(out: Path) -> str:
    """The one mark that every file of a result carries."""
    marks = {line for name in NAMES for line in (out / name).read_text().splitlines()}
    assert len(marks) == 1
    return marks.pop()


def start(code: str, out: Path) -> subprocess.Popen[str]:
    child = subprocess.Popen(
        [sys.executable, "-c", PRELUDE + code, str(out)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n", child.communicate()[1]
    return child


def refusal(out: Path) -> CannotWrite:
    with pytest.raises(CannotWrite) as caught:
        write_result(out, files("new"), ABOUT)
    assert caught.value.exit_code == 7
    assert caught.value.tell("zh")
    return caught.value


def test_first_and_second_result(tmp_path: Path) -> None:
    out = tmp_path / "a" / "result"
    write_result(out, files("one"), ABOUT)
    assert mark_of(out) == "one"
    write_result(out, files("two"), ABOUT)
    assert mark_of(out) == "two"
    assert sorted(path.name for path in out.iterdir()) == sorted([*NAMES, MANIFEST])
    aside = {path.name for path in (out.parent / ".result.geoplan").iterdir()}
    assert aside <= {"lock"}


def test_manifest_tells_bytes_and_hash_of_every_file(tmp_path: Path) -> None:
    import hashlib

    write_result(tmp_path / "r", files("one"), {"run_id": "abc"})
    manifest = json.loads((tmp_path / "r" / MANIFEST).read_text("utf-8"))
    assert manifest["run_id"] == "abc"
    assert [each["name"] for each in manifest["files"]] == NAMES
    for each in manifest["files"]:
        content = (tmp_path / "r" / each["name"]).read_bytes()
        assert each["bytes"] == len(content)
        assert each["sha256"] == hashlib.sha256(content).hexdigest()


def test_a_changed_missing_or_cut_file_is_found(tmp_path: Path) -> None:
    out = tmp_path / "r"
    write_result(out, files("one"), ABOUT)
    assert changed_files(out) == []
    (out / "part1.txt").write_text("other")
    (out / "part3.txt").unlink()
    assert changed_files(out) == ["part1.txt", "part3.txt"]
    (out / MANIFEST).unlink()
    assert changed_files(out) is None


@pytest.mark.parametrize("name", ["../evil.txt", "/etc/passwd", "a/b", MANIFEST])
def test_a_manifest_that_names_files_elsewhere_is_not_ours(tmp_path: Path, name: str) -> None:
    manifest = {"format": "geoplan-result", "files": [{"name": name, "bytes": 0, "sha256": ""}]}
    (tmp_path / MANIFEST).write_text(json.dumps(manifest))
    assert read_manifest(tmp_path) is None


def test_an_empty_folder_is_filled_and_foreign_files_are_refused(tmp_path: Path) -> None:
    out = tmp_path / "r"
    out.mkdir()
    write_result(out, files("one"), ABOUT)
    (out / "notes.docx").write_text("mine")
    error = refusal(out)
    assert error.code == "foreign_files"
    assert "notes.docx" in str(error)
    assert mark_of(out) == "one"
    assert (out / "notes.docx").read_text() == "mine"


def test_the_free_lock_of_another_result_is_nobodys_work(tmp_path: Path) -> None:
    out = tmp_path / "r"
    write_result(out / "plan", files("one"), ABOUT)
    assert refusal(out).code == "foreign_files"
    (out / "plan").rename(tmp_path / "elsewhere")
    assert (out / ".plan.geoplan").is_dir()
    write_result(out, files("two"), ABOUT)
    write_result(out, files("three"), ABOUT)
    assert mark_of(out) == "three"


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "r"
    out.mkdir()
    (out / "thesis.tex").write_text("mine")
    (out / "figures").mkdir()
    assert refusal(out).code == "foreign_files"
    assert {path.name for path in out.iterdir()} == {"thesis.tex", "figures"}


def test_a_manifest_that_is_not_ours_protects_the_folder(tmp_path: Path) -> None:
    out = tmp_path / "r"
    out.mkdir()
    (out / MANIFEST).write_text('{"name": "a web app"}')
    assert refusal(out).code == "foreign_files"


def test_a_list_somebody_worked_on_is_not_overwritten(tmp_path: Path) -> None:
    out = tmp_path / "r"
    write_result(out, files("one"), ABOUT)
    (out / "part2.txt").write_text("with my remarks")
    error = refusal(out)
    assert (error.code, error.values["files"]) == ("changed_files", "part2.txt")
    assert (out / "part2.txt").read_text() == "with my remarks"


def test_a_deleted_file_and_junk_of_file_managers_are_no_obstacle(tmp_path: Path) -> None:
    out = tmp_path / "r"
    write_result(out, files("one"), ABOUT)
    (out / "part2.txt").unlink()
    for junk in JUNK:
        (out / junk).write_text("")
    write_result(out, files("two"), ABOUT)
    assert mark_of(out) == "two"
    assert not (out / ".DS_Store").exists()


def test_a_file_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "r").write_text("a file")
    error = refusal(tmp_path / "r")
    assert error.code == "file_in_the_way"
    assert (tmp_path / "r").read_text() == "a file"
    assert refusal(tmp_path / "r" / "below").code == "file_in_the_way"


def test_the_working_folder_and_the_root_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "r").mkdir()
    monkeypatch.chdir(tmp_path / "r")
    assert refusal(Path()).code == "folder_is_working"
    assert refusal(tmp_path).code == "folder_is_working"
    assert refusal(Path("/")).code == "folder_is_working"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        assert refusal(tmp_path / "r").code == "write_refused"
    finally:
        tmp_path.chmod(0o700)


def test_a_link_to_a_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_result(tmp_path / "link", files("one"), ABOUT)
    assert (tmp_path / "link").is_symlink()
    assert mark_of(tmp_path / "real") == "one"


def test_a_disk_that_takes_no_more_leaves_the_old_result(tmp_path: Path) -> None:
    out = tmp_path / "r"
    write_result(out, files("old"), ABOUT)
    code = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
print("ready", flush=True)
try:
    write_result(out, files("new"), {})
except CannotWrite as error:
    print(error.code, error.exit_code)
"""
    told, _ = start(code, out).communicate(timeout=20)
    assert told.split() == ["disk_full", "7"]
    assert is_whole(out)
    assert mark_of(out) == "old"
    assert not (tmp_path / ".r.geoplan" / "new").exists()


def test_a_writer_that_fails_leaves_the_old_result(tmp_path: Path) -> None:
    out = tmp_path / "r"
    write_result(out, files("old"), ABOUT)

    def broken() -> Iterator[tuple[str, bytes]]:
        yield NAMES[0], b"new"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_result(out, broken(), ABOUT)
    assert mark_of(out) == "old"
    assert not (tmp_path / ".r.geoplan" / "new").exists()


def test_a_second_run_is_told_the_pid_of_the_first(tmp_path: Path) -> None:
    out = tmp_path / "r"
    write_result(out, files("old"), ABOUT)
    child = start('with claim(out):\n print("ready", flush=True)\n time.sleep(60)', out)
    try:
        error = refusal(out)
        assert error.code == "folder_locked"
        assert error.values["pid"] == str(child.pid)
        assert str(child.pid) in error.tell("zh")
        assert mark_of(out) == "old"
        write_result(tmp_path / "other", files("new"), ABOUT)
    finally:
        child.kill()
        child.communicate()
    write_result(out, files("new"), ABOUT)
    assert mark_of(out) == "new"


def test_a_claim_may_hold_the_folder_from_before_the_work(tmp_path: Path) -> None:
    out = tmp_path / "r"
    with claim(out), claim(out):
        write_result(out, files("one"), ABOUT)
        assert (tmp_path / ".r.geoplan" / "pid").read_text().strip() == str(os.getpid())
    assert not (tmp_path / ".r.geoplan" / "pid").exists()
    assert mark_of(out) == "one"


def test_sigterm_stops_with_the_old_result_in_place(tmp_path: Path) -> None:
    out = tmp_path / "r"
    write_result(out, files("old"), ABOUT)
    code = """
def slow():
    yield from files("new")[:3]
    print("ready", flush=True)
    time.sleep(60)
try:
    write_result(out, slow(), {})
except KeyboardInterrupt:
    print("interrupted")
    sys.exit(130)
"""
    child = start(code, out)
    child.send_signal(signal.SIGTERM)
    told, _ = child.communicate(timeout=20)
    assert (told, child.returncode) == ("interrupted\n", 130)
    assert mark_of(out) == "old"
    assert not (tmp_path / ".r.geoplan" / "new").exists()
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


@pytest.mark.parametrize("stage", ["aside", "moved", "in_place"])
def test_every_moment_of_the_swap_is_put_in_order(tmp_path: Path, stage: str) -> None:
    """The three moments at which a process may die once the new result is complete."""
    out, aside = tmp_path / "r", tmp_path / ".r.geoplan"
    write_result(tmp_path / "fresh", files("new"), ABOUT)
    write_result(out, files("old"), ABOUT)
    (tmp_path / "fresh").rename(aside / "new")
    if stage != "aside":
        out.rename(aside / "old")
    if stage == "in_place":
        (aside / "new").rename(out)
        (aside / "old" / NAMES[0]).unlink()
    with claim(out):
        assert is_whole(out)
        assert mark_of(out) == ("old" if stage == "aside" else "new")
        assert not (aside / "new").exists()
        assert not (aside / "old").exists()


def test_half_a_new_result_never_replaces_the_old_one(tmp_path: Path) -> None:
    out, aside = tmp_path / "r", tmp_path / ".r.geoplan"
    write_result(out, files("old"), ABOUT)
    out.rename(aside / "old")
    (aside / "new").mkdir()
    (aside / "new" / NAMES[0]).write_text("half")
    with claim(out):
        assert mark_of(out) == "old"


def test_a_file_laid_into_the_old_result_at_the_last_moment_is_kept(tmp_path: Path) -> None:
    out, aside = tmp_path / "r", tmp_path / ".r.geoplan"
    write_result(out, files("old"), ABOUT)
    out.rename(aside / "old")
    (aside / "old" / "mine.txt").write_text("mine")
    write_result(tmp_path / "fresh", files("new"), ABOUT)
    (tmp_path / "fresh").rename(out)
    with pytest.raises(CannotWrite), claim(out):
        pass
    assert (out / "mine.txt").read_text() == "mine"
    assert mark_of(out) == "new"


def test_killed_at_any_moment_the_folder_holds_one_whole_result(tmp_path: Path) -> None:
    out = tmp_path / "r"
    write_result(out, files("0"), ABOUT)
    code = """
print("ready", flush=True)
for number in range(1, 10_000):
    write_result(out, files(f"{sys.argv[1][-1]}{os.getpid()}-{number}"), {})
"""
    chance = random.Random(20_251)  # noqa: S311
    began, kills, seen = time.monotonic(), 0, set()
    while kills < 20 and time.monotonic() - began < 12:
        child = start(code, out)
        time.sleep(chance.uniform(0.0, 0.06))
        child.kill()
        child.communicate()
        kills += 1
        if out.exists():
            assert is_whole(out)  # a reader before any recovery
        with claim(out):
            assert is_whole(out)
            seen.add(mark_of(out))
    assert kills >= 8
    assert len(seen) > 2  # some were killed after they had written, so the test has bitten
