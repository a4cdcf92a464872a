"""Ask an advisory database about every pinned package, and print each known vulnerability.

Usage: python -m tools.audit, with the Python of .venv. `--strict` fails without a database, too.
The database is OSV, which knows the Python ecosystem's advisories: https://google.github.io/osv.dev/api
"""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import requests

from tools.lock_file import FOLDER, pins

DATABASE = "https://api.osv.dev"
TIMEOUTS_S = (10, 60)
"""Seconds to wait for a connection, and for an answer."""
KNOWN_BAD = ("jinja2", "2.4.1")
"""A version with advisories since 2014. A database that knows none for it knows nothing."""
PAGES = 20
"""The most parts that an answer may have."""
IGNORED = FOLDER / "advisories.toml"
CLEAN, FOUND, NOT_AUDITED = 0, 1, 2
"""Exit codes. Without --strict, the third is 0 as well: a build must not fail for a network that is down."""
NOT_ASKED = "Not asked about: Python itself, and the libraries inside packages (docs/dependencies.md)."
Package = tuple[str, str]
"""A package's name and version."""


class NotAuditedError(Exception):
    """The database gave no answer that can be relied on. The words say why."""


@dataclass(frozen=True, slots=True)
class Advisory:
    """A known vulnerability of a pinned package."""

    package: str
    version: str
    id: str
    summary: str = ""
    aliases: frozenset[str] = frozenset()
    fixed_in: tuple[str, ...] = ()

    def __str__(self) -> str:
        names = ", ".join([self.id, *sorted(self.aliases - {self.id})])
        fixed = f" Fixed in {', '.join(self.fixed_in)}." if self.fixed_in else ""
        return f"{self.package} {self.version}: {names}: {self.summary or 'no summary'}.{fixed}"


@dataclass(frozen=True, slots=True)
class Ignored:
    """An advisory that does not concern PayDesk, with the reason, and the last day it is let pass."""

    id: str
    package: str
    reason: str
    until: date
    """The last day."""

    def covers(self, found: Advisory) -> bool:
        """Say if this is the advisory, under any of its names."""
        return self.package == found.package and self.id in {found.id, *found.aliases}


@dataclass(slots=True)
class Report:
    """The result of an audit."""

    asked: int
    found: list[Advisory] = field(default_factory=list)
    passed: list[tuple[Advisory, Ignored]] = field(default_factory=list)
    idle: list[Ignored] = field(default_factory=list)
    """Entries of the list that match no advisory any more."""

    def lines(self) -> Iterator[str]:
        """Yield the report, the result last."""
        yield from (str(advisory) for advisory in self.found)
        for advisory, entry in self.passed:
            yield f"ignored until {entry.until}: {advisory} {entry.reason}"
        for entry in self.idle:
            yield f"{IGNORED.name}: {entry.id} of {entry.package} is not found any more. Take it out."
        yield NOT_ASKED
        yield f"audited {self.asked} packages, {len(self.found)} advisories"


def audit(database: str, packages: Sequence[Package], ignored: Sequence[Ignored], today: date) -> Report:
    """Return what a database knows about the packages. Raises NotAuditedError without a sound answer."""
    canary, *answers = ids(database, [KNOWN_BAD, *packages])
    if not canary:
        raise NotAuditedError(f"it knows no advisory of {' '.join(KNOWN_BAD)}, which has some")
    report = Report(len(packages))
    for package, found in zip(packages, answers, strict=True):
        for advisory in details(database, package, found):
            entry = next((each for each in ignored if each.covers(advisory) and today <= each.until), None)
            if entry:
                report.passed.append((advisory, entry))
            else:
                report.found.append(advisory)
    every = [*report.found, *(advisory for advisory, _ in report.passed)]
    report.idle = [entry for entry in ignored if not any(entry.covers(advisory) for advisory in every)]
    return report


def ids(database: str, packages: Sequence[Package]) -> list[list[str]]:
    """Return the names of each package's advisories, in the order of the packages."""
    found: list[list[str]] = [[] for _ in packages]
    todo = dict.fromkeys(range(len(packages)), "")
    for _ in range(PAGES):
        if not todo:
            return found
        places = list(todo)
        queries = [_query(packages[place], todo[place]) for place in places]
        results = ask(f"{database}/v1/querybatch", {"queries": queries}).get("results")
        if not isinstance(results, list) or len(results) != len(queries):
            raise NotAuditedError("its answer does not fit the question")
        todo = {}
        for place, result in zip(places, results, strict=True):
            found[place] += _names(result)
            if token := result.get("next_page_token"):
                todo[place] = str(token)
    raise NotAuditedError("its answer never ends")


def _query(package: Package, page: str) -> dict[str, Any]:
    name, version = package
    query: dict[str, Any] = {"package": {"name": name, "ecosystem": "PyPI"}, "version": version}
    return query | ({"page_token": page} if page else {})


def _names(result: object) -> list[str]:
    """Return the names in one result. They become a part of an address and are printed, so they are plain."""
    listed = result.get("vulns", []) if isinstance(result, dict) else None
    if not isinstance(listed, list):
        raise NotAuditedError("its answer does not fit the question")
    names = [str(each.get("id") or "") if isinstance(each, dict) else "" for each in listed]
    if not all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._:-]{2,80}", name) for name in names):
        raise NotAuditedError("it names an advisory that is no name")
    return names


def details(database: str, package: Package, names: Iterable[str]) -> list[Advisory]:
    """Return the advisories with these names, each under one name only, without those withdrawn."""
    found: list[Advisory] = []
    for name in names:
        told = _told(database, name)
        if not told.get("withdrawn") and not any(name in each.aliases for each in found):
            found.append(_advisory(package, name, told))
    return found


def _told(database: str, name: str) -> dict[str, Any]:
    """Return an advisory's text, or nothing. One that cannot be read counts all the same."""
    try:
        return ask(f"{database}/v1/vulns/{name}")
    except NotAuditedError:
        return {}


def _advisory(package: Package, name: str, told: dict[str, Any]) -> Advisory:
    summary = str(told.get("summary") or told.get("details") or "")
    plain = "".join(sign for sign in " ".join(summary.split()) if sign.isprintable())[:200].rstrip(".")
    fixed = [version for version in _fixed(told.get("affected")) if re.fullmatch(r"\d[\w.]{0,20}", version)]
    aliases = told.get("aliases")
    names = frozenset(map(str, aliases)) if isinstance(aliases, list) else frozenset()
    return Advisory(*package, name, plain, names, tuple(dict.fromkeys(fixed)))


def _fixed(told: object) -> Iterator[str]:
    """Yield each "fixed" anywhere inside a part of an answer: versions, and commits of the source."""
    if isinstance(told, dict):
        for key, value in told.items():
            yield from [value] if key == "fixed" and isinstance(value, str) else _fixed(value)
    elif isinstance(told, list):
        for value in told:
            yield from _fixed(value)


def ask(address: str, question: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the database's answer. Raises NotAuditedError if there is none, or one that is no object."""
    try:
        method = "POST" if question else "GET"
        answer = requests.request(method, address, json=question, timeout=TIMEOUTS_S, allow_redirects=False)
        told = answer.json() if answer.status_code == 200 else None
    except requests.JSONDecodeError:
        raise NotAuditedError("its answer is no JSON") from None
    except requests.RequestException as problem:
        raise NotAuditedError(f"no advisory database can be reached ({type(problem).__name__})") from problem
    if not isinstance(told, dict):
        raise NotAuditedError(f"its answer, with status {answer.status_code}, is no object")
    return told


def pinned() -> list[Package]:
    """Return every package that a lock file or the build of the wheel pins."""
    found = {(pin.name, pin.version) for path in FOLDER.glob("*.txt") for pin in pins(path)}
    project = tomllib.loads((FOLDER.parent / "pyproject.toml").read_text("utf-8"))
    for requirement in project["build-system"]["requires"]:
        name, _, version = requirement.partition("==")
        found.add((name, version))
    return sorted(found)


def ignored(path: Path = IGNORED) -> list[Ignored]:
    """Return the list of ignored advisories. Raises ValueError for one without a reason or a last day."""
    entries = tomllib.loads(path.read_text("utf-8")).get("ignored", [])
    made = []
    for entry in entries:
        if set(entry) != {"id", "package", "reason", "until"} or type(entry["until"]) is not date:
            raise ValueError(f"{path.name}: an entry has id, package, reason and until, a date: {entry}")
        if not all(str(entry[key]).strip() for key in ("id", "package", "reason")):
            raise ValueError(f"{path.name}: an entry lacks words: {entry}")
        made.append(Ignored(**entry))
    return made


def main(arguments: Sequence[str]) -> int:
    """Print the report and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", default=DATABASE, help="the address of another OSV database")
    parser.add_argument("--strict", action="store_true", help="fail when no database can be reached, too")
    options = parser.parse_args(arguments)
    try:
        report = audit(options.database.rstrip("/"), pinned(), ignored(), datetime.now(UTC).date())
    except NotAuditedError as problem:
        print(f"NOT AUDITED: {problem}. Asked: {options.database}")
        return NOT_AUDITED if options.strict else CLEAN
    print("\n".join(report.lines()))
    return FOUND if report.found else CLEAN


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
