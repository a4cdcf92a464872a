"""The tools of `dev.py windows`: its table, its steps, and what it reads from other programs."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tools.windows import installers, machine, proof
from tools.windows.checks import FailedError, checked, expect, last_words

PAGE = "# A\n<!-- results -->\n| step | result |\n|---|---|\n{}<!-- end of results -->\nZ\n"


def test_a_row_is_put_in_the_order_of_the_steps_and_replaces_its_older_one() -> None:
    tour, imports = proof.STEPS[1].about, proof.STEPS[0].about
    page = PAGE.format(f"| {tour} | ok |\n")
    page = proof.with_row(page, f"| {imports} | **failed** |")
    page = proof.with_row(page, f"| {imports} | ok |")
    assert page == PAGE.format(f"| {imports} | ok |\n| {tour} | ok |\n")


def test_the_page_has_only_rows_of_steps() -> None:
    rows = proof.PAGE.read_text("utf-8").partition("<!-- results -->\n")[2].partition("<!-- end")[0]
    abouts = [proof.about_of(row) for row in rows.splitlines()[2:]]
    assert set(abouts) <= {step.about for step in proof.STEPS}
    assert len({step.about for step in proof.STEPS}) == len({step.name for step in proof.STEPS})


def test_steps_are_chosen_by_their_beginning() -> None:
    assert [step.name for step in proof.chosen(["tour-light"])] == [
        "tour-light-1.0", "tour-light-1.25", "tour-light-1.5",
    ]  # fmt: skip
    assert list(proof.chosen([])) == list(proof.STEPS)
    assert all((machine.ROOT / "tests" / folder).is_dir() for folder in proof.TESTED)


@pytest.mark.parametrize(
    "listed",
    [
        "[Ordinal/Name Pointer] Table\n\t[   0] Py_Main\n\t[1155] _Py_NoneStruct\n",
        "[Ordinal/Name Pointer] Table -- Ordinal Base 1\n\t[   0] +base[   1] 0000 Py_Main\n"
        "\t[1155] +base[1156] 0483 _Py_NoneStruct\n",
    ],
)
def test_exported_names_are_read_from_any_objdump(listed: str) -> None:
    before = "\t[   0] +base[   1] 000d3a10 Export RVA\n"
    assert machine.exported(before + listed) == ["Py_Main", "_Py_NoneStruct"]


def test_a_system_that_is_not_debian_is_told_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _name: None)
    with pytest.raises(machine.MissingError, match="It needs Debian 12"):
        machine.require_debian()


def test_paths_are_wine_s() -> None:
    assert machine.windows_path(Path("/tmp/a b/c")) == r"Z:\tmp\a b\c"


def test_a_program_that_fails_ends_a_step_with_its_last_lines() -> None:
    assert checked(subprocess.CompletedProcess([], 0, "fine\n")) == "fine\n"
    with pytest.raises(FailedError, match=r"^line 6\n(.|\n)*line 30\n\(exit code 3\)$"):
        checked(subprocess.CompletedProcess([], 3, "\n".join(f"line {number}" for number in range(31))))
    with pytest.raises(FailedError, match="nothing"):
        last_words(" \n")
    with pytest.raises(FailedError, match="it rains"):
        expect(False, "it rains")


def test_installers_are_named_by_the_version() -> None:
    version = installers.version_of(machine.ROOT)
    assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    assert installers.newer("1.2.9") == "1.2.10"


def test_each_package_for_the_environment_has_a_hash() -> None:
    lock = (machine.ROOT / "requirements/windows.txt").read_text("utf-8")
    assert re.fullmatch(r"(\S+==\S+ \\\n(    --hash=sha256:[0-9a-f]{64}( \\)?\n)+)+", lock)
