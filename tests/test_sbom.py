"""The software bill of materials: by CycloneDX's own rules, complete, fresh, and the same each time."""

from __future__ import annotations

import copy
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

import dev
import paydesk
from tools import inside_wheels, lock_file, notices, sbom

SCHEMAS = Path(__file__).parent / "contracts/cyclonedx"
PINS = lock_file.pins(sbom.LOCK)
CONDITIONAL = {pin.name for pin in PINS if pin.marker and pin.name not in ("psycopg-binary", "sqlcipher3")}
"""Packages that only some systems or Pythons get. The other two have markers that all of ours fulfill."""


CARRIED = {path.name for path in inside_wheels.libraries("psycopg-binary")}
"""Names of libraries that the packaged program carries: all of psycopg's, and none of Pillow's."""


@cache
def rules() -> Draft7Validator:
    read = {path.name: json.loads(path.read_text("utf-8")) for path in SCHEMAS.glob("*.schema.json")}
    resources: list[tuple[str, Resource[Any]]]
    resources = [(schema["$id"], DRAFT7.create_resource(schema)) for schema in read.values()]
    return Draft7Validator(read["bom-1.6.schema.json"], registry=Registry().with_resources(resources))


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return two libraries of the system, as packaging finds them."""
    folder = tmp_path_factory.mktemp("system")
    for name in ("libodd.so.7", "libeven.so.2"):
        (folder / name).write_bytes(name.encode())
    return [str(path) for path in folder.iterdir()]


@pytest.fixture(scope="module", params=["lock", "package"])
def document(request: pytest.FixtureRequest, system: list[str]) -> dict[str, Any]:
    text = sbom.of_lock() if request.param == "lock" else sbom.of_package(system, CARRIED)
    return dict(json.loads(text))


def every(components: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the components, and those inside them."""
    for component in components:
        yield component
        yield from every(component.get("components", []))


# -- the rules of CycloneDX


def test_it_follows_the_schema(document: dict[str, Any]) -> None:
    assert [error.message for error in rules().iter_errors(document)] == []


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        (["specVersion"], 1.6),
        (["serialNumber"], "urn:uuid:1"),
        (["components", 0, "type"], "package"),
        (["components", 0, "licenses", 0, "license", "id"], "MIT License"),
        (["components", 0, "externalReferences", 0, "hashes", 0, "content"], "83490"),
        (["components", 0, "version"], 1),
    ],
)
def test_the_schema_finds_a_fault(document: dict[str, Any], path: list[Any], wrong: object) -> None:
    broken = copy.deepcopy(document)
    place: Any = broken
    for step in path[:-1]:
        place = place[step]
    assert place[path[-1]] != wrong
    place[path[-1]] = wrong
    assert list(rules().iter_errors(broken))


def test_every_reference_is_one_of_its_parts(document: dict[str, Any]) -> None:
    parts = [document["metadata"]["component"], *every(document["components"])]
    refs = [part["bom-ref"] for part in parts]
    assert len(refs) == len(set(refs))
    used = [ref for row in document["dependencies"] for ref in (row["ref"], *row.get("dependsOn", []))]
    assert set(used) <= set(refs)
    assert len({row["ref"] for row in document["dependencies"]}) == len(document["dependencies"])


# -- its content


def test_every_pin_is_there_with_version_license_and_hashes() -> None:
    found = {part["name"]: part for part in json.loads(sbom.of_lock())["components"]}
    for pin in PINS:
        part = found[pin.name]
        assert (part["version"], part["purl"]) == (pin.version, f"pkg:pypi/{pin.name}@{pin.version}")
        assert part["licenses"]
        (reference,) = part["externalReferences"]
        assert [each["content"] for each in reference["hashes"]] == list(pin.sha256) != []


def test_the_lock_file_is_read_to_its_last_line() -> None:
    for path in lock_file.FOLDER.glob("*.txt"):
        text, found = path.read_text("utf-8"), lock_file.pins(path)
        assert len(found) == len(re.findall(r"^\S+==", text, re.MULTILINE))
        assert sum(len(pin.sha256) for pin in found) == text.count("sha256:")


@pytest.mark.parametrize(
    "line", ["odd>=1", "odd @ https://example.com/odd.whl", "odd==1", "-e .", "odd==1 \\\n    --hash=md5:aa"]
)
def test_a_line_that_pins_nothing_is_an_error(tmp_path: Path, line: str) -> None:
    path = tmp_path / "odd.txt"
    path.write_text(f"{sbom.LOCK.read_text('utf-8')}{line}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"odd\.txt has a line that pins nothing"):
        lock_file.pins(path)


def test_what_needs_what() -> None:
    rows = {row["ref"].partition("@")[0]: row for row in json.loads(sbom.of_lock())["dependencies"]}
    direct = [ref.partition("@")[0] for ref in rows["paydesk"]["dependsOn"]]
    wanted = tomllib.loads((sbom.ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    assert len(direct) == len(wanted) + 1  # psycopg's binary part is one of its own
    assert {"pkg:pypi/sqlalchemy", "pkg:pypi/psycopg-binary", "pkg:pypi/pyside6-pdf"} <= set(direct)
    requests = [ref.partition("@")[0] for ref in rows["pkg:pypi/requests"]["dependsOn"]]
    assert {"pkg:pypi/certifi", "pkg:pypi/urllib3"} <= set(requests)
    assert "dependsOn" not in rows.get("pkg:pypi/cffi", {})


def test_the_package_names_the_libraries_inside_it(system: list[str]) -> None:
    document = json.loads(sbom.of_package(system, CARRIED))
    parts = {part["bom-ref"]: part for part in every(document["components"])}
    assert parts["python"]["version"] == f"{sys.version_info[0]}.{sys.version_info[1]}.{sys.version_info[2]}"
    wanted = ["python/openssl", "python/sqlite", "pyside6-essentials/qt", "psycopg-binary/libpq"]
    if notices.installed("sqlcipher3"):
        wanted += ["sqlcipher3/sqlcipher", "sqlcipher3/sqlite"]
    assert [ref for ref in wanted if not parts[ref]["version"][:1].isdigit()] == []
    assert parts["pyside6-essentials/qt"]["version"] == inside_wheels.known("pyside6-essentials")[0].version
    assert {"file/libeven.so.2", "file/libodd.so.7", f"pkg:pypi/alembic@{version('alembic')}"} <= set(parts)
    assert any(ref.startswith("pkg:pypi/pyinstaller@") for ref in parts)
    libraries = {ref for ref in parts if ref.startswith("file/psycopg-binary/")}
    assert libraries == {f"file/psycopg-binary/{name}" for name in CARRIED}
    assert not [ref for ref in parts if ref.startswith("file/pillow/")], "left out of the package"
    fonts = [ref for ref in parts if ref.startswith("file/fonts/")]
    assert len(fonts) == len(list(notices.FONTS.glob("*.ttf")))


def version(name: str) -> str:
    return next(pin.version for pin in PINS if pin.name == name)


def test_the_package_lists_only_what_is_installed(system: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    present = notices.installed
    monkeypatch.setattr(notices, "installed", lambda name: None if name == "alembic" else present(name))
    names = [part["name"] for part in json.loads(sbom.of_package(system, CARRIED))["components"]]
    assert "alembic" not in names
    assert "sqlalchemy" in names


# -- the same wherever it is made


def test_it_is_the_same_each_time(system: list[str]) -> None:
    assert sbom.of_package(system, CARRIED) == sbom.of_package(reversed(system), CARRIED)
    assert "timestamp" not in sbom.of_lock()


def test_another_version_has_another_serial_number(monkeypatch: pytest.MonkeyPatch) -> None:
    before = json.loads(sbom.of_lock())["serialNumber"]
    monkeypatch.setattr(sbom, "pins", lambda path: lock_file.pins(path)[1:])
    assert json.loads(sbom.of_lock())["serialNumber"] != before


def test_the_kept_list_is_fresh() -> None:
    assert sbom.MADE.read_text("utf-8") == sbom.of_lock(), (
        "Make it anew:  python -m tools.sbom > requirements/paydesk.cdx.json"
    )


def test_a_license_does_not_depend_on_the_system() -> None:
    assert CONDITIONAL - notices.LICENSES.keys() == set()


@pytest.mark.parametrize("name", sorted(CONDITIONAL))
def test_a_license_in_the_table_is_the_package_s(name: str) -> None:
    if package := notices.installed(name):
        said = [*notices._entries(package, "License-Expression"), *notices._entries(package, "License")]
        said += [text for text in notices._entries(package, "Classifier") if text.startswith("License")]
        (word,) = {text.split("-")[0].split(" ")[0] for text in [notices.LICENSES[name]]}
        assert any(word.lower() in text.lower() for text in said), said


@pytest.mark.parametrize(
    ("spdx", "made"),
    [
        ("MIT", [{"license": {"id": "MIT"}}]),
        ("mit", [{"license": {"id": "MIT"}}]),
        ("Apache-2.0 OR BSD-3-Clause", [{"expression": "Apache-2.0 OR BSD-3-Clause"}]),
    ],
)
def test_a_license_is_written_as_spdx(spdx: str, made: list[dict[str, Any]]) -> None:
    assert sbom.licenses(spdx) == made


@pytest.mark.parametrize("words", ["MIT License", "", "BSD", "see LICENSE"])
def test_a_license_in_other_words_is_an_error(words: str) -> None:
    with pytest.raises(ValueError, match="license"):
        sbom.licenses(words)


def test_nothing_of_this_computer_is_told(system: list[str]) -> None:
    text = sbom.of_lock() + sbom.of_package(system, CARRIED)
    folders = [str(sbom.ROOT), sys.prefix, str(Path(system[0]).parent)]
    assert not [folder for folder in folders if folder in text]


def test_the_version_is_paydesk_s_own(document: dict[str, Any]) -> None:
    assert document["metadata"]["component"]["version"] == paydesk.__version__


# -- where it goes


def test_the_wheel_and_the_packaged_program_carry_it() -> None:
    project = tomllib.loads((sbom.ROOT / "pyproject.toml").read_text("utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["sbom-files"] == [sbom.MADE.relative_to(sbom.ROOT).as_posix()]
    recipe = (sbom.ROOT / "build.spec").read_text("utf-8")
    assert 'Path(DISTPATH, "paydesk", "paydesk.cdx.json").write_bytes(sbom.of_package(' in recipe


def test_dev_py_writes_it_after_the_lock_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev, "prepare", lambda level: None)
    monkeypatch.setattr(dev, "SBOM", tmp_path / "made.json")
    assert dev.list_parts() == 0
    assert (tmp_path / "made.json").read_text("utf-8") == sbom.MADE.read_text("utf-8")
