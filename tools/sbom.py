"""Write the software bill of materials: every part of PayDesk in CycloneDX 1.6, which auditors' tools read.

Usage: python -m tools.sbom > requirements/paydesk.cdx.json, with the Python of .venv.

That file lists what the lock file pins, for every system, and goes into the wheel. ``build.spec`` writes a
second one beside the packaged program: only what this program carries, with the versions of the libraries
inside. Both are the same at each making, so they have no timestamp.
"""

from __future__ import annotations

import hashlib
import json
import platform
import re
import sys
import tomllib
import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from packaging.licenses import canonicalize_license_expression
from packaging.requirements import Requirement

from tools import inside_wheels, notices
from tools.lock_file import FOLDER, Pin, pins

ROOT = FOLDER.parent
LOCK = FOLDER / "run.txt"
MADE = FOLDER / "paydesk.cdx.json"
SCHEMA = "http://cyclonedx.org/schema/bom-1.6.schema.json"
Json = dict[str, Any]


def of_lock() -> str:
    """Return the list of what the lock file pins, for every system. The wheel carries it."""
    found = pins(LOCK)
    components = [*(_package(pin) for pin in found), *_fonts()]
    return _document("pre-build", components, found)


def of_package(system: Iterable[str], carried: Collection[str]) -> str:
    """Return the list of what a packaged program carries.

    ``system`` are the paths of the libraries that packaging copied from the computer's own system,
    ``carried`` the names of all its files. A library inside a package that it left out is not listed.
    """
    found = [pin for pin in pins(LOCK) if notices.installed(pin.name)]
    components = [_package(pin) | _inside(pin.name, carried) for pin in found]
    components += [_python(), *_start_up_code(), *_fonts(), *(_file(Path(name)) for name in sorted(system))]
    return _document("build", components, found)


def _document(phase: str, components: list[Json], found: Sequence[Pin]) -> str:
    """Return the document with a serial number that only its content decides."""
    document = {
        "$schema": SCHEMA,
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": "",
        "version": 1,
        "metadata": {"lifecycles": [{"phase": phase}], "component": _paydesk()},
        "components": components,
        "dependencies": list(_dependencies(found)),
    }
    document["serialNumber"] = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(document)).urn
    return _lines(document)


def _lines(document: Json) -> str:
    """Return JSON with a line for each component, so that a new version is one changed line."""
    parts = []
    for key, value in document.items():
        text = json.dumps(value, ensure_ascii=False)
        if key in ("components", "dependencies"):
            rows = ",\n".join(json.dumps(row, ensure_ascii=False) for row in value)
            text = f"[\n{rows}\n]"
        parts.append(f"{json.dumps(key)}: {text}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _paydesk() -> Json:
    """Return PayDesk itself, the part that all others are for."""
    version = re.search(r'__version__ = "(.+)"', (ROOT / "src/paydesk/__init__.py").read_text("utf-8"))
    assert version
    return {
        "type": "application",
        "bom-ref": "paydesk",
        "name": "paydesk",
        "version": version[1],
        "purl": f"pkg:generic/paydesk@{version[1]}",
        "licenses": licenses("MIT"),
    }


def _package(pin: Pin) -> Json:
    """Return a package of the lock file with the hashes of the files it comes in."""
    license_ = notices.LICENSES.get(pin.name)
    if not license_:
        license_ = notices.license_of(pin.name, _distribution(pin.name))
    hashes = [{"alg": "SHA-256", "content": digest} for digest in pin.sha256]
    made = {
        "type": "library",
        "bom-ref": pin.purl,
        "name": pin.name,
        "version": pin.version,
        "purl": pin.purl,
        "licenses": licenses(license_),
        "externalReferences": [{"type": "distribution", "url": pin.purl, "hashes": hashes}],
    }
    return made | ({"properties": [{"name": "marker", "value": pin.marker}]} if pin.marker else {})


def licenses(expression: str) -> list[Json]:
    """Return a license as CycloneDX writes it. Raises ValueError if it is no SPDX expression."""
    spdx = canonicalize_license_expression(expression)
    return [{"expression": spdx}] if " " in spdx else [{"license": {"id": spdx}}]


def _distribution(name: str) -> Distribution:
    """Return an installed package. Raises LookupError with the remedy for one that this system lacks."""
    try:
        return distribution(name)
    except PackageNotFoundError:
        raise LookupError(
            f"{name} is not installed on this system. Add its license to LICENSES in tools/notices.py."
        ) from None


def _inside(name: str, carried: Collection[str]) -> Json:
    """Return the parts of others that the installed wheel of a package brings along."""
    parts = [
        {
            "type": "library",
            "bom-ref": f"{name}/{part.name}",
            "name": part.name,
            "version": part.version,
            "purl": f"pkg:generic/{part.name}@{part.version}",
        }
        for part in inside_wheels.known(name)
    ]
    parts += [_file(file, f"{name}/") for file in inside_wheels.libraries(name) if file.name in carried]
    return {"components": parts} if parts else {}


def _file(path: Path, owner: str = "") -> Json:
    """Return a shared library of which only the file is known."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    hashes = [{"alg": "SHA-256", "content": digest}]
    return {"type": "file", "bom-ref": f"file/{owner}{path.name}", "name": path.name, "hashes": hashes}


def _python() -> Json:
    """Return Python itself, with the libraries it is built with."""
    version = platform.python_version()
    parts = [
        {"type": "library", "bom-ref": f"python/{part.name}", "name": part.name, "version": part.version}
        for part in inside_wheels.of_python()
    ]
    return {
        "type": "platform",
        "bom-ref": "python",
        "name": "python",
        "version": version,
        "cpe": f"cpe:2.3:a:python:python:{version}:*:*:*:*:*:*:*",
        "purl": f"pkg:generic/python@{version}",
        "licenses": licenses("PSF-2.0"),
        "components": parts,
    }


def _start_up_code() -> Iterator[Json]:
    """Yield PyInstaller, whose start-up code every packaged program begins with."""
    yield from (_package(pin) for pin in pins(FOLDER / "dev.txt") if pin.name == "pyinstaller")


def _fonts() -> Iterator[Json]:
    """Yield the fonts, which are files of PayDesk's own."""
    for path in sorted(notices.FONTS.glob("*.ttf")):
        licensed = {"licenses": licenses("Apache-2.0" if path.stem.startswith("Droid") else "OFL-1.1")}
        yield _file(path, "fonts/") | licensed


def _dependencies(found: Sequence[Pin]) -> Iterator[Json]:
    """Yield for each package those it needs, but not for one that only some systems get and can tell."""
    known = {pin.name: pin for pin in found}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    yield {"ref": "paydesk", "dependsOn": _refs(project["dependencies"], known)}
    for pin in found:
        if not pin.marker:
            yield {"ref": pin.purl, "dependsOn": _refs(_distribution(pin.name).requires or [], known)}


def _refs(needs: Iterable[str], known: dict[str, Pin]) -> list[str]:
    """Return the references of the requirements that the lock file has, for any system, without extras."""
    parsed = [each for text in needs if "extra" not in str((each := Requirement(text)).marker)]
    names = {re.sub(r"[-_.]+", "-", each.name).lower() for each in parsed}
    names |= {f"{each.name}-{extra}".lower() for each in parsed for extra in each.extras}  # psycopg-binary
    return sorted(known[name].purl for name in names & known.keys())


if __name__ == "__main__":
    sys.stdout.buffer.write(of_lock().encode())
