"""The third-party notices: every package is named with its license, and the LGPL texts are there."""

from __future__ import annotations

import re
import sys
import sysconfig
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest

from tools import notices

NAMES = re.findall(r"^([a-z0-9-]+)==", notices.LOCK.read_text("utf-8"), re.MULTILINE)
LGPL = {
    "psycopg": "LGPL-3.0",
    "psycopg-binary": "LGPL-3.0",
    "pyside6-essentials": "LGPL-3.0",
    "pyside6-pdf": "LGPL-3.0",
    "python-bidi": "LGPL-3.0",
    "python-stdnum": "LGPL-2.1",
    "shiboken6": "LGPL-3.0",
}


@pytest.fixture(scope="module")
def text() -> str:
    return notices.notices()


def sections(text: str) -> dict[str, str]:
    """Return the sections by the first words of their titles."""
    parts = text.split(f"{notices.LINE}\n")[1:]
    return {re.split(r"[ \n]", part)[0]: part for part in parts if not part.startswith("Fonts")}


def texts_of(name: str, text: str) -> str:
    """Return the section of a package and those it refers to."""
    every = sections(text)
    others = re.findall(r"the same text as in the section (\S+)", every[name])
    return "\n".join(every[other] for other in [name, *others])


@pytest.mark.parametrize("name", NAMES)
def test_each_package_appears_with_its_license_and_a_text(name: str, text: str) -> None:
    if notices.installed(name) is None:
        assert f"\n{name}: not in this build\n" in text
        return
    section = sections(text)[name]
    assert re.search(r"^License: \S", section, re.MULTILINE)
    assert re.search(r"^Home page: \S", section, re.MULTILINE)
    assert "\n--- " in section


@pytest.mark.parametrize(("name", "license_"), LGPL.items())
def test_an_lgpl_package_has_the_text_and_may_be_replaced(name: str, license_: str, text: str) -> None:
    assert license_ in sections(text)[name]
    assert notices.REPLACEABLE in sections(text)[name]
    for pattern in notices.LGPL_TEXTS[license_].values():
        assert re.search(rf"^{pattern}", texts_of(name, text), re.MULTILINE)


def test_every_lgpl_package_is_known(text: str) -> None:
    found = {
        name for name, part in sections(text).items() if re.search(r"^License: .*LGPL", part, re.MULTILINE)
    }
    assert found == LGPL.keys()


def test_python_and_the_fonts_have_their_licenses(text: str) -> None:
    assert "PYTHON SOFTWARE FOUNDATION LICENSE" in texts_of("Python", text)
    fonts = [part for part in text.split(f"{notices.LINE}\n") if part.startswith("Fonts: ")]
    named = ", ".join(re.findall(r"^Files: (.+)$", "\n".join(fonts), re.MULTILINE)).split(", ")
    assert sorted(named) == sorted(file.stem for file in notices.FONTS.glob("*.ttf"))
    assert text.count("SIL OPEN FONT LICENSE") >= 1


def test_nothing_of_this_computer_is_told(text: str) -> None:
    folders = [str(notices.ROOT), sys.prefix, sysconfig.get_path("stdlib"), sysconfig.get_path("purelib")]
    assert not [folder for folder in folders if folder in text]


def test_libraries_of_the_system_are_named_without_their_folders(tmp_path: Path) -> None:
    package, system = Path(pytest.__file__), tmp_path / "libodd.so.7"
    assert notices.system_libraries([str(package), str(system), sysconfig.__file__]) == ["libodd.so.7"]
    assert notices.notices(["libodd.so.7"]).endswith(f"{notices.SYSTEM}\nlibodd.so.7\n")


def test_a_package_without_a_license_is_an_error(tmp_path: Path) -> None:
    folder = tmp_path / "odd-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: odd\nVersion: 1.0\n", encoding="utf-8")
    with pytest.raises(LookupError, match="odd name no license"):
        notices.license_of("odd", PathDistribution(folder))


def test_the_packaged_program_carries_the_license_and_the_notices() -> None:
    recipe = (notices.ROOT / "build.spec").read_text("utf-8")
    assert re.search(r'copy\(ROOT / "LICENSE", Path\(DISTPATH, "paydesk"\)', recipe)
    assert 'Path(DISTPATH, "paydesk", "NOTICES.txt").write_text(notices' in recipe
