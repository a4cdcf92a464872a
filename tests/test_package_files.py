"""The packaged program carries what the window needs, and no decoder, driver or toolkit beside it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import PIL
import PySide6
import pytest

from tools import notices, package_files

QT = Path(PySide6.__file__).parent
PLACES = {
    "linux": "PySide6/Qt/plugins/{}/lib{}.so",
    "macos": "PySide6/Qt/plugins/{}/lib{}.dylib",
    "windows": "PySide6\\plugins\\{}\\{}.dll",
}
"""The path of a plugin in the package, by system."""


# -- Qt


@pytest.mark.parametrize("system", PLACES)
@pytest.mark.parametrize(
    ("kind", "name"),
    [
        *(
            ("imageformats", f"q{name}")
            for name in ("gif", "icns", "ico", "jpeg", "pdf", "tga", "tiff", "wbmp")
        ),
        ("imageformats", "qwebp"),
        ("imageformats", "qsvgz"),  # no such plugin today
        ("iconengines", "qodd"),
        *(
            ("platforms", f"q{name}")
            for name in ("direct2d", "eglfs", "linuxfb", "minimal", "minimalegl", "vnc")
        ),
        ("platformthemes", "qgtk3"),
        ("platforminputcontexts", "qtvirtualkeyboardplugin"),
        ("tls", "qopensslbackend"),
        ("tls", "qschannelbackend"),
        ("networkinformation", "qnetworklistmanager"),
        ("sqldrivers", "qsqlpsql"),
        ("generic", "qtuiotouchplugin"),
        ("qmltooling", "qmldbg_server"),
        ("vectorimageformats", "qlottievectorimage"),
        ("multimedia", "ffmpegmediaplugin"),  # a kind that is not in the wheel today
    ],
)
def test_a_plugin_that_the_window_does_not_need_stays_out(system: str, kind: str, name: str) -> None:
    assert package_files.left_out(PLACES[system].format(kind, name))


@pytest.mark.parametrize(
    ("system", "kind", "name"),
    [
        *((system, "imageformats", "qsvg") for system in PLACES),
        *((system, "iconengines", "qsvgicon") for system in PLACES),
        *((system, "platforms", "qoffscreen") for system in PLACES),
        ("linux", "platforms", "qxcb"),
        ("linux", "platforms", "qwayland"),
        ("linux", "wayland-shell-integration", "xdg-shell"),
        ("linux", "printsupport", "cupsprintersupport"),
        ("linux", "platforminputcontexts", "ibusplatforminputcontextplugin"),
        ("macos", "platforms", "qcocoa"),
        ("macos", "styles", "qmacstyle"),
        ("windows", "platforms", "qwindows"),
        ("windows", "styles", "qmodernwindowsstyle"),
    ],
)
def test_a_plugin_that_the_window_needs_is_packaged(system: str, kind: str, name: str) -> None:
    assert not package_files.left_out(PLACES[system].format(kind, name))


def test_no_plugin_of_the_wheel_is_overlooked() -> None:
    """Compare with the wheel of this system: a new plugin stays out, an old one has not moved."""
    plugins = next(path for path in (QT / "Qt/plugins", QT / "plugins") if path.is_dir())
    names = {path.relative_to(QT.parent).as_posix() for path in plugins.rglob("*") if path.is_file()}
    kept = {name for name in names if not package_files.left_out(name)}
    assert all(package_files.PLUGIN.fullmatch(name) for name in names), names
    assert [name for name in kept if "/imageformats/" in name and "svg" not in name] == []
    wanted = {"linux": "qxcb", "darwin": "qcocoa", "win32": "qwindows"}[sys.platform]
    for word in (wanted, "qoffscreen", "qsvg.", "qsvgicon"):
        assert any(word in name for name in kept), word


@pytest.mark.parametrize(
    "name",
    [
        "PySide6/Qt/lib/libQt6Quick.so.6",
        "PySide6/Qt/lib/libQt6Qml.so.6",
        "PySide6/Qt/lib/QtQml.framework/Versions/A/QtQml",
        "PySide6\\Qt6Quick.dll",
        "PySide6\\opengl32sw.dll",
        "PySide6/Qt/translations/qtbase_de.qm",
        "libQt6VirtualKeyboard.so.6",
    ],
)
def test_a_library_for_other_windows_stays_out(name: str) -> None:
    assert package_files.left_out(name)


@pytest.mark.parametrize(
    "name",
    [
        "PySide6/Qt/lib/libQt6Widgets.so.6",
        "PySide6/QtPdf.abi3.so",
        "PySide6\\Qt6Core.dll",
        "PySide6/Qt/lib/libQt6WaylandClient.so.6",
        "paydesk/store/database/migrations/env.py",
        "resources/icons/inbox.svg",
        "resources/translations/note.txt",
        "libssl.so.3",
    ],
)
def test_other_files_are_packaged(name: str) -> None:
    assert not package_files.left_out(name)


# -- libraries that only a left-out file needs

GTK3 = "PySide6/Qt/plugins/platformthemes/libqgtk3.so"
XCB = "PySide6/Qt/plugins/platforms/libqxcb.so"
NEEDS: dict[str, set[str]] = {
    GTK3: {"libgtk-3.so.0", "libglib-2.0.so.0", "libQt6Gui.so.6", "libc.so.6"},
    XCB: {"libQt6Gui.so.6", "libxcb.so.1"},
    "libgtk-3.so.0": {"libpango.so.0", "libglib-2.0.so.0"},
    "libpango.so.0": {"libglib-2.0.so.0"},
    "PySide6/Qt/lib/libQt6Gui.so.6": {"libglib-2.0.so.0"},
    "libglib-2.0.so.0": set(),
    "libnamed-in-code.so.1": {"libxcb.so.1"},
    "libxcb.so.1": set(),
}


def test_what_only_a_left_out_plugin_needs_is_an_orphan() -> None:
    assert package_files.orphans(NEEDS) == {"libgtk-3.so.0"}


def test_the_linker_s_whole_list_finds_the_orphans_of_an_orphan() -> None:
    whole = {**NEEDS, GTK3: {*NEEDS[GTK3], "libpango.so.0"}}
    assert package_files.orphans(whole) == {"libgtk-3.so.0", "libpango.so.0"}


def test_a_library_that_a_kept_file_needs_through_another_is_no_orphan() -> None:
    needs = {**NEEDS, XCB: NEEDS[XCB] | {"libgtk-3.so.0"}}
    assert package_files.orphans(needs) == set()


def test_without_left_out_files_there_is_no_orphan() -> None:
    assert package_files.orphans({name: need for name, need in NEEDS.items() if name != GTK3}) == set()


def test_a_link_goes_with_its_file() -> None:
    entries = [
        ("libQt6Gui.so.6", "PySide6/Qt/lib/libQt6Gui.so.6", "SYMLINK"),
        ("libQt6Quick.so.6", "PySide6/Qt/lib/libQt6Quick.so.6", "SYMLINK"),
        ("PySide6/Qt/lib/libQt6Gui.so.6", "/wheel/libQt6Gui.so.6", "BINARY"),
        ("PySide6/Qt/lib/libQt6Quick.so.6", "/wheel/libQt6Quick.so.6", "BINARY"),
    ]
    kept = package_files.kept(entries, {"PySide6/Qt/lib/libQt6Quick.so.6"})
    assert [name for name, _, _ in kept] == ["libQt6Gui.so.6", "PySide6/Qt/lib/libQt6Gui.so.6"]


# -- Pillow, which reportlab brings

DRAWS = """
import sys
class Out:
    def find_spec(self, name, path=None, target=None):
        if name in {out}:
            raise ImportError(name)
sys.meta_path.insert(0, Out())
import io
from PIL import Image
from reportlab.lib.utils import ImageReader
for kind in ("PNG", "JPEG", "GIF", "BMP", "PPM"):
    file = io.BytesIO()
    Image.new("RGB", (2, 3)).save(file, kind)
    assert ImageReader(io.BytesIO(file.getvalue())).getSize() == (2, 3), kind
Image.init()
print(sorted(Image.OPEN))
"""


def test_pictures_for_receipts_open_without_the_other_decoders() -> None:
    out = package_files.unused_decoders()
    assert {"PIL.WebPImagePlugin", "PIL.AvifImagePlugin", "PIL.EpsImagePlugin"} <= set(out)
    assert len(out) == len(PIL._plugins) - 7 + 4
    done = subprocess.run(
        [sys.executable, "-c", DRAWS.replace("{out}", repr(set(out)))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "['BMP', 'DIB', 'GIF', 'JPEG', 'PNG', 'PPM', 'TIFF']", done.stderr


# -- the packaged folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a packaged program's folder in which nothing is wrong."""
    (tmp_path / "_internal/resources").mkdir(parents=True)
    (tmp_path / "_internal/resources/pay.svg").touch()
    (tmp_path / "LICENSE").write_text("MIT", encoding="utf-8")
    (tmp_path / "NOTICES.txt").write_text("alembic 1.20.1: MIT\nFiles: Inter-Bold\n", encoding="utf-8")
    parts = {"components": [{"name": "alembic"}, {"name": "Inter-Bold.ttf"}]}
    (tmp_path / "paydesk.cdx.json").write_text(json.dumps(parts), encoding="utf-8")
    return tmp_path


def test_a_whole_folder_has_no_fault(folder: Path) -> None:
    assert list(package_files.faults(folder)) == []


@pytest.mark.parametrize("name", package_files.PAPERS)
@pytest.mark.parametrize("empty", [True, False])
def test_a_paper_must_be_there(folder: Path, name: str, empty: bool) -> None:
    (folder / name).unlink()
    if empty:
        (folder / name).touch()
    assert list(package_files.faults(folder)) == [f"{name} is missing."]


def test_the_notices_must_name_each_part(folder: Path) -> None:
    (folder / "NOTICES.txt").write_text("alembic 1.20.1: MIT\n", encoding="utf-8")
    assert list(package_files.faults(folder)) == ["NOTICES.txt does not name Inter-Bold.ttf."]


def test_a_decoder_that_came_back_is_found(folder: Path) -> None:
    plugin = folder / "_internal/PySide6/Qt/plugins/imageformats/libqtiff.so"
    plugin.parent.mkdir(parents=True)
    plugin.touch()
    assert [fault.endswith("libqtiff.so is not needed.") for fault in package_files.faults(folder)] == [True]


def test_the_recipe_asks() -> None:
    recipe = (notices.ROOT / "build.spec").read_text("utf-8")
    for call in (
        "left_out(name)",
        "orphans(",
        "kept(analysis.binaries",
        "kept(analysis.datas",
        "unused_decoders()",
    ):
        assert f"package_files.{call}" in recipe
