"""The pages are true: files they name exist, commands run, and architecture.md agrees with the code."""

from __future__ import annotations

import argparse
import re
import shlex
import tokenize
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import dev
from paydesk.cli.main import _parser
from paydesk.config.declare import declared
from paydesk.config.settings import Settings
from tests.proofs.crash import points, test_kills
from tests.proofs.simulation import profile, test_mutants
from tests.proving import proof
from tests.sources import tree
from tests.test_house import docstrings, sources

ROOT = Path(dev.ROOT)
PACKAGE = ROOT / "src/paydesk"
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "resources/fonts/README.md"]
MADE_BY_PAYDESK = {"backups/", "desks/", "settings.toml", "training.toml", "payments.csv", "NOTICES.txt"}
"""Files of a desk or of the packaged program, which no repository holds."""
FOLDERS = (".ci", "bench", "docs", "requirements", "resources", "src", "tests", "tools")
FILES = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")] + list(ROOT.iterdir())
PLACES = {f"/{path.relative_to(ROOT).as_posix()}" for path in FILES if "__pycache__" not in path.parts}
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
SAFETY = (ROOT / "docs/safety.md").read_text(encoding="utf-8")


# -- files that are named


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_names_only_files_that_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    linked = [name for name in re.findall(r"\]\(([^)#]+)[^)]*\)", text) if "://" not in name]
    assert [name for name in linked if not (page.parent / name).exists()] == []
    named = re.findall(r"[\w./-]+\.(?:py|md|toml|spec|yaml|ini)\b|`(?:[\w.-]+/)+`", text)
    assert [name for name in named if not exists(name.strip("`"))] == []


@proof  # reading every comment takes seconds
def test_code_names_only_files_that_exist() -> None:
    path = re.compile(rf"(?<![\w/<.-])(?:{'|'.join(FOLDERS)})/[\w./-]*\w|\b[\w-]+\.md\b")
    missing = [
        f"{source.relative_to(ROOT)}: {name}"
        for source in sources()
        for text in (*docstrings(tree(source)), *comments(source))
        for name in path.findall(text)
        if not exists(name)
    ]
    assert missing == []


def exists(name: str) -> bool:
    """Say if a file or folder is there by this path, or by its end."""
    ending = f"/{name.removeprefix('../').strip('/')}"
    return name in MADE_BY_PAYDESK or any(place.endswith(ending) for place in PLACES)


def comments(source: Path) -> Iterator[str]:
    """Yield the comments of a module."""
    with source.open("rb") as file:
        yield from (
            token.string for token in tokenize.tokenize(file.readline) if token.type == tokenize.COMMENT
        )


# -- commands


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_names_only_commands_that_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    said = re.findall(r"^[^`\n]*\bdev\.py .*|`[^`\n]*\bdev\.py [^`\n]+`", text, re.MULTILINE)
    said += re.findall(r"`paydesk [^`\n]+`", text)
    assert [words for words in said if not runs(words.strip("`").partition("#")[0])] == []


def runs(words: str) -> bool:
    """Say if PayDesk or dev.py knows the command and each option of this line."""
    program, _, rest = re.sub(r".*?\b(dev\.py|paydesk) ", r"\1 ", words, count=1).partition(" ")
    parser = dev.arguments() if program == "dev.py" else _parser()
    commands = next(each for each in parser._actions if isinstance(each, argparse._SubParsersAction)).choices
    given = shlex.split(rest.rstrip(" .,:;"))
    command = next((word for word in given if word in commands), None)
    if command in ("test", "prove") and program == "dev.py":
        return True  # the rest goes to pytest
    known = {**parser._option_string_actions, **(commands[command]._option_string_actions if command else {})}
    unknown = [word for word in given if word.startswith("--") and word not in known]
    return not unknown and (command is not None or given[0].startswith("--"))


def test_a_command_that_does_not_exist_is_found() -> None:
    assert runs("python3 dev.py tour --out DIR")
    assert runs("paydesk --training export --from 2026-01-01")
    assert not runs("python3 dev.py deploy")
    assert not runs("paydesk doctor --fix")


def test_the_page_of_the_gateways_names_each_of_its_modules() -> None:
    page, gateways = (ROOT / "docs/gateways.md").read_text(encoding="utf-8"), PACKAGE / "gateways"
    modules = [path for path in gateways.rglob("*.py") if path.name != "__init__.py"]
    names = [path.relative_to(gateways).as_posix() for path in modules]
    assert [name for name in names if f"`{name}`" not in page] == []


# -- architecture.md


def test_the_floors_are_those_of_the_import_rules() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = contracts["contracts"][0]["layers"]
    floors = [{room.strip().removeprefix("paydesk.") for room in layer.split("|")} for layer in layers]
    drawn = [
        set(re.findall(r"[a-z]+", inside)) for inside in re.findall(r"^ *│(.+)│", ARCHITECTURE, re.MULTILINE)
    ]
    assert drawn == [floor for floor in floors if floor != {"__main__"}]


def test_every_folder_has_a_row() -> None:
    told = {name for row in rows("## The layers") for name in re.findall(r"`([\w/]+/)`", row[0])}
    held = {
        f"{path.parent.relative_to(PACKAGE).as_posix()}/"
        for path in PACKAGE.rglob("*.py")
        if path.name != "__init__.py"
    }
    without = {"./", "store/database/migrations/", "store/database/migrations/versions/"}
    assert told == {folder for folder in held - without if not re.match(r"sandbox/.", folder)}
    for row in rows("## The layers"):
        folder, *_ = re.findall(r"`([\w/]+/)`", row[0])
        first = re.findall(r"`([\w/]+\.py)`", row[2])
        assert all((PACKAGE / folder / name).is_file() for name in first), row


def test_the_protocol_has_the_figures_of_the_code() -> None:
    checked = 0
    for row in rows("## The payment protocol"):
        for file, name in re.findall(r"`([\w/]+)\.py` `([A-Z_]+)`", row[3]):
            assert f"{int(constant(file, name))} " in row[2], row
            checked += 1
        for key in re.findall(r"setting `([\w.]+)`", row[3]):
            default = {found: each.default for found, each, _ in declared(Settings)}[key]
            assert f"{default:g} " in row[2], row
            checked += 1
    assert checked >= 9


def constant(file: str, name: str) -> float:
    """Return the value of a constant of a module that its end names."""
    (path,) = (path for path in PACKAGE.rglob("*.py") if path.as_posix().endswith(f"/{file}.py"))
    module = import_module(".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts))
    return float(getattr(module, name))


GLOSSARY_WORDS = {
    "ACH return": "services/payments/ach_returns.py",
    "Anytime Payment": "ui/take/anytime_form.py",
    "backup": "store/database/backup.py",
    "basket": "domain/invoices/basket.py",
    "background": "ui/main/background.py",
    "card grouping": "ui/pay/input_masks.py",
    "consent": "domain/consent.py",
    "crash": "ui/kit/faults.py",
    "database errors": "store/database/errors.py",
    "day end": "services/desk/day_end.py",
    "doctor": "services/desk/doctor.py",
    "hold": "store/ledger/charges.py",
    "import": "services/invoices/importing.py",
    "keys": "config/keys.py",
    "lookup": "services/invoices/lookup.py",
    "lookup results": "ui/take/lookup_flow.py",
    "needs attention": "services/desk/attention.py",
    "outbox": "store/ledger/outbox.py",
    "payment dialog": "ui/pay/payment_dialog.py",
    "payments tab": "ui/payments/page.py",
    "posting": "services/posting/post.py",
    "print": "ui/receipt/print_and_save.py",
    "receipt": "domain/receipt.py",
    "remembered window": "ui/kit/preferences.py",
    "search": "services/invoices/search.py",
    "settings": "config/settings.py",
    "technology fee": "domain/fee_schedule.py",
    "verify": "store/verify/verify.py",
    "void": "services/payments/void.py",
    "world": "domain/world.py",
}
"""Words on the screen or in the docs that a newcomer looks for, and the file that each leads to."""


@pytest.mark.parametrize(("word", "file"), GLOSSARY_WORDS.items())
def test_a_word_leads_to_its_file(word: str, file: str) -> None:
    leads = [row for row in rows("## Glossary") if word.lower() in f"{row[0]}, {row[1]}".lower()]
    assert any(file in files(row) for row in leads), f"one grep of {word} does not lead to {file}"


def test_the_glossary_names_files() -> None:
    for row in rows("## Glossary"):
        assert files(row), row
        assert all((PACKAGE / name).is_file() for name in files(row)), row


def files(row: list[str]) -> list[str]:
    """Return the files of a glossary row. One without a folder is beside the file before it."""
    found: list[str] = []
    for name in re.findall(r"`([\w/]+\.py)`", row[2]):
        found.append(name if "/" in name else f"{found[-1].rpartition('/')[0]}/{name}")
    return found


def rows(heading: str, page: str = ARCHITECTURE) -> list[list[str]]:
    """Return the cells of every row in the table of a section."""
    section = page.split(f"\n{heading}")[1].split("\n## ", maxsplit=1)[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


# -- safety.md

PROOFS = "## Which proof runs where"


def test_the_table_of_proofs_names_every_test_of_many_cases() -> None:
    table = " ".join(f"{row[0]} {row[1]}" for row in rows(PROOFS, SAFETY))
    many = re.compile(r"\b(?:proof|tasted|cases|seeds)\b")
    for path in (ROOT / "tests").rglob("test_*.py"):
        taken = re.search(
            r"^from tests\.proving import (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE
        )
        if taken and many.search(taken[1]):
            name = path.relative_to(ROOT).as_posix()
            assert any(f"`{place}`" in table for place in (name, *folders(name))), name


def folders(name: str) -> list[str]:
    """Return the folders of ``tests`` that a row in bold may name for all their modules."""
    parts = name.split("/")
    return [
        "/".join(parts[:count]) for count in range(2, len(parts)) if parts[1] in ("proofs", "store", "e2e")
    ]


def test_the_table_of_proofs_has_the_counts_of_points_and_bugs() -> None:
    told = {row[0]: [cell.split(" ")[0] for cell in row[2:4]] for row in rows(PROOFS, SAFETY)}
    here = [point for point in test_kills.ALL if point not in points.POSTING]
    kills, steps = sum(map(points.is_kill, here)), len(profile.POINTS)
    commits = len(here) - kills
    assert told["kills at points"] == [f"{kills}", f"{20 * kills:,}"]
    assert told["bad COMMIT"] == [f"{commits}", f"{6 * commits}"]
    assert told["every step"] == [f"{steps // 4}", f"{steps}"]
    assert told["planted bugs"] == [f"{len(test_mutants.SEEDS)}", "–"]
    assert told["clean histories"] == [f"{len(set(test_mutants.SEEDS.values()))}", "–"]
