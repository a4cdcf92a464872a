"""docs/security.md is whole: each rule, check, risk and requirement has a state and a test that exists."""

from __future__ import annotations

import re

import pytest

from tests.test_docs import ROOT

PAGE = (ROOT / "docs/security.md").read_text(encoding="utf-8")
STATES = {"holds", "partly", "later"}
REQUIREMENTS = [
    "3.3.1", "3.4.1", "3.5.1", "6.3.2", "6.3.3", "6.5.5, 6.5.6", "7.2", "8.2.1, 8.4", "8.2.8", "8.3.4",
    "10.2", "10.3", "10.5", "12.5.2",
]  # fmt: skip


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the table in a section. "" is the part before the first heading."""
    section = re.split(r"^## ", PAGE, flags=re.MULTILINE)
    text = next(part for part in section if part.startswith(heading)) if heading else section[0]
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


RULES, CHECKS, RISKS, PCI = rows(""), rows("The 27 checks"), rows("OWASP"), rows("PCI DSS")


def named(cell: str) -> list[str]:
    """Return the paths of the tests in a cell. A name alone is beside the one before it."""
    found: list[str] = []
    for name in re.findall(r"`((?:tests/)?[\w/]*test_\w+\.py|tests/[\w/.]+)`", cell):
        found.append(name if name.startswith("tests/") else f"{found[-1].rpartition('/')[0]}/{name}")
    return found


@pytest.mark.parametrize("row", [*RULES, *CHECKS, *RISKS, *PCI], ids=lambda row: row[0][:40])
def test_every_test_that_is_named_exists(row: list[str]) -> None:
    for path in named(row[-1]):
        assert (ROOT / path).exists(), path
        assert path.endswith(".py") or list((ROOT / path).rglob("test_*.py")), f"{path} has no test"


def test_every_path_of_a_test_anywhere_on_the_page_exists() -> None:
    paths = re.findall(r"`(tests/[\w/.]+)`", PAGE)
    assert len(paths) > 60
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("row", RULES, ids=lambda row: row[0][:40])
def test_every_rule_has_a_test(row: list[str]) -> None:
    assert len(row) == 3
    assert named(row[-1]) or row[-1].startswith("the same")


def test_the_checks_are_the_27() -> None:
    assert [row[0] for row in CHECKS] == [str(number) for number in range(1, 28)]


def test_the_risks_are_the_ten() -> None:
    assert [row[0] for row in RISKS] == [f"DA{number}" for number in range(1, 11)]


def test_the_requirements_are_those_that_a_program_can_help_with() -> None:
    assert [row[0] for row in PCI] == REQUIREMENTS


@pytest.mark.parametrize(
    ("row", "state"),
    [*((row, row[2]) for row in CHECKS), *((row, row[2]) for row in PCI)],
    ids=lambda value: value if isinstance(value, str) else value[0],
)
def test_a_state_is_backed(row: list[str], state: str) -> None:
    """A row that holds has a test. One that holds in part says what is missing."""
    assert len(row) == 5
    assert state in STATES
    if state == "holds":
        assert named(row[-1])
    if state == "partly":
        assert re.search(r"[Mm]issing:|check 1\b|The field shows|never deleted|this section", row[3]), row


@pytest.mark.parametrize("row", RISKS, ids=lambda row: row[0])
def test_a_risk_says_both_and_has_a_test(row: list[str]) -> None:
    assert len(row) == 5
    assert all(row)
    assert named(row[-1])


@pytest.mark.parametrize("folder", ["tests/domain/typed", "tests/store/verify"])
def test_a_folder_counts_as_a_test_only_with_one_in_it(folder: str) -> None:
    assert named(f"`{folder}`, and more") == [folder]
    assert named("`tests/config/test_keys.py`, `test_files.py`") == [
        "tests/config/test_keys.py",
        "tests/config/test_files.py",
    ]
