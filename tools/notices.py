"""Write the third-party notices of a packaged PayDesk: each package, its license and the text of it.

Usage: python tools/notices.py NOTICES.txt, with the Python that has the packages of requirements/run.txt.
``build.spec`` calls ``notices`` and lays the text beside the packaged program.
"""

from __future__ import annotations

import platform
import re
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements/run.txt"
FONTS = ROOT / "resources/fonts"
TEXTS = ROOT / "resources/licenses"
"""License texts that a wheel lacks, in a folder named like the package in the lock file."""

LICENSES = {
    "backports-tarfile": "MIT",
    "cffi": "MIT-0",
    "cryptography": "Apache-2.0 OR BSD-3-Clause",
    "defusedxml": "PSF-2.0",
    "importlib-metadata": "Apache-2.0",
    "jaraco-classes": "MIT",
    "jeepney": "MIT",
    "lazy-importer": "Apache-2.0",
    "pycparser": "BSD-3-Clause",
    "pyinstaller": "GPL-2.0-or-later WITH Bootloader-exception",
    "python-bidi": "LGPL-3.0-or-later",
    "python-stdnum": "LGPL-2.1-or-later",
    "pywin32-ctypes": "BSD-3-Clause",
    "reportlab": "BSD-3-Clause",
    "secretstorage": "BSD-3-Clause",
    "sqlcipher3": "Zlib AND BSD-3-Clause",  # SQLCipher, inside it, is under the second
    "uharfbuzz": "Apache-2.0",
    "zipp": "MIT",
}
"""SPDX expressions of the packages whose metadata name none, or no version of it, and of those that only
some systems or Pythons get: the list of parts is the same wherever it is made."""

LGPL_TEXTS = {
    "LGPL-3.0": {
        "LGPL-3.0": r"\s*GNU LESSER GENERAL PUBLIC LICENSE\s+Version 3,",
        "GPL-3.0": r"\s*GNU GENERAL PUBLIC LICENSE\s+Version 3,",  # version 3 of the LGPL adds to it
    },
    "LGPL-2.1": {"LGPL-2.1": r"\s*GNU LESSER GENERAL PUBLIC LICENSE\s+Version 2\.1,"},
}
"""The texts that a license under the LGPL needs, each with the pattern of its beginning."""

REPLACEABLE = """\
PayDesk uses this package unchanged, under the LGPL. Its files lie apart in the packaged program's folder, and
you may replace them with those of another version.
"""
QT_PARTS = "https://doc.qt.io/qt-{}.{}/licenses-used-in-qt.html"
"""Qt's page about the third-party code in one version of it. The wheels of PySide6 carry no such list."""

SYSTEM = """\
Libraries of the system that PayDesk was packaged on. The folder carries them unchanged, as files of their
own, each under the license of its project. The LGPL texts above hold for those under the LGPL.
"""

LICENSE_FILE = re.compile(
    r"[^/]+\.dist-info/(?:licenses/(.+)|((?:LICEN[CS]E|COPYING|NOTICE|AUTHORS)[^/]*))", re.IGNORECASE
)
LINE = "=" * 100


def notices(system: Sequence[str] = ()) -> str:
    """Return the notices. Raises LookupError for a package without a known license.

    ``system`` are the names of the libraries that packaging copied from the computer's own system.
    """
    names = re.findall(r"^([a-z0-9-]+)==", LOCK.read_text("utf-8"), re.MULTILINE)
    found = {name: package for name in names if (package := installed(name))}
    missing = [f"{name}: not in this build" for name in names if name not in found]
    rows = [f"{name} {package.version}: {license_of(name, package)}" for name, package in found.items()]
    texts = _Texts(found.values())
    sections = [_section(name, package, texts) for name, package in found.items()]
    sections += [_python(texts), *_start_up_code(texts), *_fonts(texts)]
    if system:
        sections.append(f"{LINE}\n{SYSTEM}\n{', '.join(system)}\n")
    head = (
        "Notices of the software and fonts that PayDesk carries\n\n"
        "PayDesk itself is under the MIT license: see LICENSE. Each part below is under its own license.\n\n"
        "Packages:\n\n"
    )
    return head + "\n".join(rows + missing) + "\n\n" + "\n".join(sections)


def system_libraries(sources: Iterable[str]) -> list[str]:
    """Return the names of the shared libraries that neither Python nor a package of it brought along."""
    own = [
        Path(sysconfig.get_path(kind)).resolve() for kind in ("stdlib", "platstdlib", "purelib", "platlib")
    ]

    def is_own(file: Path) -> bool:
        return any(file.resolve().is_relative_to(folder) for folder in own)

    return sorted({Path(source).name for source in sources if not is_own(Path(source))})


def installed(name: str) -> Distribution | None:
    """Return a package of the running Python, or None."""
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def license_of(name: str, package: Distribution) -> str:
    """Return a package's license. Raises LookupError if neither its metadata nor ``LICENSES`` has it."""
    short = [text for text in _entries(package, "License") if "\n" not in text and len(text) <= 60]
    classifiers = [text for text in _entries(package, "Classifier") if text.startswith("License ::")]
    named = [LICENSES.get(name, ""), *_entries(package, "License-Expression"), *short]
    named.append(", ".join(text.rpartition(" :: ")[2] for text in classifiers))
    for text in named:
        if text:
            return text
    raise LookupError(f"The metadata of {name} name no license. Add it to LICENSES in tools/notices.py.")


def shipped_texts(package: Distribution) -> dict[str, str]:
    """Return the license files that a package's wheel carries: their names and texts."""
    texts = {}
    for file in package.files or []:
        if match := LICENSE_FILE.fullmatch(file.as_posix()):
            path = Path(str(package.locate_file(file)))
            texts[match[1] or match[2]] = path.read_text("utf-8", errors="replace")
    return texts


def added_texts(name: str) -> dict[str, str]:
    """Return the texts of ``TEXTS`` for a package: their names and texts."""
    return {file.name: file.read_text("utf-8") for file in sorted((TEXTS / name).glob("*.txt"))}


class _Texts:
    """The license texts written so far. One that occurs again is referred to instead."""

    def __init__(self, packages: Iterable[Distribution]) -> None:
        self._known = [text for package in packages for text in shipped_texts(package).values()]
        self._places: dict[str, str] = {}

    def beginning(self, title: str, pattern: str) -> str:
        """Return the text of any package that begins like ``pattern``. Raises LookupError if none does."""
        for text in self._known:
            if re.match(pattern, text):
                return text
        raise LookupError(f"No installed package carries the text of {title}. Add it to resources/licenses.")

    def write(self, title: str, text: str, place: str) -> str:
        """Return the text below its title, or the place of the same text in an earlier section."""
        before = self._places.setdefault(" ".join(text.split()), place)
        if before != place:
            return f"\n--- {title}: the same text as in the section {before}.\n"
        return f"\n--- {title}:\n\n{text.strip()}\n"


def _section(name: str, package: Distribution, texts: _Texts) -> str:
    """Return the section of one package."""
    license_, place, shipped = license_of(name, package), f"{name} {package.version}", shipped_texts(package)
    lgpl = next((needed for wanted, needed in LGPL_TEXTS.items() if wanted in license_), {})
    files = shipped | added_texts(name)
    parts = [_head(place, license_, _home(package))]
    if lgpl:
        parts.append(REPLACEABLE)
    if name.startswith("pyside6"):
        parts.append(f"Code of others inside Qt: {QT_PARTS.format(*package.version.split('.'))}\n")
    if inside := _libraries(package):
        parts.append(f"Libraries inside: {', '.join(inside)}\n")
    if not shipped:
        parts.append(f"The package carries no license file. Its metadata name the license: {license_}.\n")
    parts += [texts.write(title, text, place) for title, text in files.items()]
    for title, pattern in lgpl.items():
        if not any(re.match(pattern, text) for text in files.values()):
            parts.append(texts.write(title, texts.beginning(title, pattern), place))
    return "".join(parts)


def _head(title: str, license_: str, home: str) -> str:
    return f"{LINE}\n{title}\nLicense: {license_}\nHome page: {home}\n"


def _python(texts: _Texts) -> str:
    """Return the section of Python itself, which the packaged program carries."""
    title = f"Python {platform.python_version()}"
    head = _head(title, "PSF-2.0", "https://www.python.org")
    for folder in (sysconfig.get_path("stdlib"), sys.base_prefix):  # Linux and macOS, Windows
        for file in sorted(Path(folder).glob("LICENSE*")):
            text = file.read_text("utf-8", errors="replace")
            return head + texts.write(file.name, text, title)
    return f"{head}This Python carries no license file.\n"


def _start_up_code(texts: _Texts) -> Iterator[str]:
    """Yield the section of PyInstaller's start-up code, if PyInstaller is installed."""
    name = "pyinstaller"
    if package := installed(name):
        place = f"{name} {package.version}"
        head = _head(f"{place}: the start-up code", license_of(name, package), _home(package))
        written = [texts.write(title, text, place) for title, text in shipped_texts(package).items()]
        yield head + "".join(written)


def _fonts(texts: _Texts) -> Iterator[str]:
    """Yield a section for each license of the fonts, with the fonts under it."""
    for file in sorted(FONTS.glob("*-LICENSE.txt")):
        family = file.name.partition("-")[0]
        fonts = ", ".join(sorted(font.stem for font in FONTS.glob(f"{family}*.ttf")))
        head = f"{LINE}\nFonts: {family}\nFiles: {fonts}\n"
        yield head + texts.write(file.name, file.read_text("utf-8"), f"Fonts: {family}")


def _entries(package: Distribution, key: str) -> list[str]:
    return [str(text) for text in package.metadata.get_all(key) or []]


def _home(package: Distribution) -> str:
    """Return a package's home page, or the page closest to one."""
    urls = dict(text.split(", ", 1) for text in _entries(package, "Project-URL"))
    pages = {label.lower(): url for label, url in urls.items()}
    labels = ("homepage", "home", "source", "source code", "repository", "code", "github", "documentation")
    named = [*_entries(package, "Home-page"), *(pages[label] for label in labels if label in pages)]
    return named[0] if named else "none named"


def _libraries(package: Distribution) -> list[str]:
    """Return the shared libraries of others that a wheel brings along, without the hash in their names."""
    files = [file for file in package.files or [] if re.search(r"\.(dy)?libs$", file.parent.as_posix())]
    return sorted({re.sub(r"-[0-9a-f]{8,}", "", file.name) for file in files})


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    Path(sys.argv[1]).write_text(notices(), encoding="utf-8", newline="\n")
