"""Find the libraries of others inside the installed packages and Python: OpenSSL, SQLite, Qt and the like."""

from __future__ import annotations

import contextlib
import importlib
import re
import sqlite3
import ssl
import zlib
from collections.abc import Callable, Iterator
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, NamedTuple
from xml.parsers import expat


class Part(NamedTuple):
    """A library that tells its version."""

    name: str
    version: str


def of_python() -> list[Part]:
    """Return the libraries that this Python is built with."""
    return [
        Part("expat", _number(expat.EXPAT_VERSION)),
        Part("openssl", _number(ssl.OPENSSL_VERSION)),
        Part("sqlite", sqlite3.sqlite_version),
        Part("zlib", zlib.ZLIB_RUNTIME_VERSION),
    ]


def known(package: str) -> list[Part]:
    """Return the libraries inside a package that tell their version, or none."""
    return sorted(ASKED[package]()) if package in ASKED else []


def libraries(package: str) -> list[Path]:
    """Return the shared libraries of others that a package brings along as files of their own."""
    found = distribution(package)
    files = [file for file in found.files or [] if re.search(r"\.(dy)?libs$", file.parent.as_posix())]
    return sorted(Path(str(found.locate_file(file))) for file in files)


def _number(text: str) -> str:
    """Return the first version number in a text like "OpenSSL 3.0.19 27 Jan 2026"."""
    found = re.search(r"\d+(?:\.\d+)+", text)
    assert found, text
    return found[0]


def _cryptography() -> Iterator[Part]:
    backend = _module("cryptography.hazmat.backends.openssl.backend").backend
    yield Part("openssl", _number(backend.openssl_version_text()))


def _pillow() -> Iterator[Part]:
    features = _module("PIL.features")  # only of what the package carries: see tools/package_files.py
    names = {
        "libjpeg_turbo": "libjpeg-turbo", "libtiff": "libtiff", "jpg_2000": "openjpeg", "zlib_ng": "zlib-ng",
    }  # fmt: skip
    for feature, name in names.items():
        if version := features.version(feature):
            yield Part(name, version)


def _psycopg() -> Iterator[Part]:
    number = _module("psycopg.pq").version()
    yield Part("libpq", f"{number // 10_000}.{number % 10_000}")


def _qt() -> Iterator[Part]:
    yield Part("qt", _module("PySide6.QtCore").qVersion())


def _sqlcipher() -> Iterator[Part]:
    with contextlib.closing(_module("sqlcipher3").connect(":memory:")) as memory:
        memory.execute("PRAGMA key = 'x'")  # without a key, SQLCipher does not name its library of ciphers

        def ask(question: str) -> str:
            return str(memory.execute(question).fetchone()[0])

        yield Part(ask("PRAGMA cipher_provider"), _number(ask("PRAGMA cipher_provider_version")))
        yield Part("sqlcipher", _number(ask("PRAGMA cipher_version")))
        yield Part("sqlite", ask("SELECT sqlite_version()"))


def _uharfbuzz() -> Iterator[Part]:
    yield Part("harfbuzz", _module("uharfbuzz").version_string())


def _module(name: str) -> Any:
    """Return an installed module. Imported late, because most systems lack some."""
    return importlib.import_module(name)


ASKED: dict[str, Callable[[], Iterator[Part]]] = {
    "cryptography": _cryptography,
    "pillow": _pillow,
    "psycopg-binary": _psycopg,
    "pyside6-essentials": _qt,
    "sqlcipher3": _sqlcipher,
    "uharfbuzz": _uharfbuzz,
}
"""The packages that can be asked about the libraries inside them."""
