"""Decide which files of Qt and of the system a packaged PayDesk carries, for ``build.spec``.

Usage: python -m tools.package_files dist/paydesk. It prints what is wrong with a packaged program's folder.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

import PIL

Entry = tuple[str, str, str]
"""A file of the package: its path there, its source, and PyInstaller's word for its kind."""
QT_PLUGINS = {
    "iconengines": {"qsvgicon"},
    "imageformats": {"qsvg"},  # PayDesk's own icons. Every other decoder could only read a stranger's picture
    "platforminputcontexts": {"composeplatforminputcontextplugin", "ibusplatforminputcontextplugin"},
    "platforms": {"qcocoa", "qoffscreen", "qwayland", "qwindows", "qxcb"},
    "platformthemes": {"qxdgdesktopportal"},
    "printsupport": {"cupsprintersupport"},
    "styles": {"qmacstyle", "qmodernwindowsstyle", "qwindowsvistastyle"},
    "wayland-decoration-client": {"adwaita", "bradient"},
    "wayland-graphics-integration-client": {"qt-plugin-wayland-egl"},
    "wayland-shell-integration": {"xdg-shell"},
    "xcbglintegrations": {"qxcb-egl-integration", "qxcb-glx-integration"},
}
"""The plugins of Qt that PayDesk's windows use, by the folder they are in. A folder not named is left out:
network, TLS, databases, QML, touch screens and frame buffers among them."""
PLUGIN = re.compile(r"PySide6/(?:Qt/)?plugins/([^/]+)/(?:.*/)?(?:lib)?([^/]+?)\.(?:so|dll|dylib)")
UNUSED = re.compile(
    r"(?:lib)?Qt6?(?:Qml|Quick|VirtualKeyboard|Wayland\w*Compositor|WlShell|Sql|Designer|Lottie|Labs|EglF[Ss])"
    r"|PySide6/(?:Qt/)?(?:translations|qml|resources)/"
    r"|PySide6/(?:opengl32sw|d3dcompiler_\d+)\.dll$",  # to draw without a graphics card's driver, by QML
    re.IGNORECASE,
)
PICTURES = {"BmpImagePlugin", "GifImagePlugin", "JpegImagePlugin", "PngImagePlugin", "PpmImagePlugin"}
"""The formats of Pillow that reportlab may ask for. Pillow itself loads them at the first picture."""
PICTURE_PARTS = {"MpoImagePlugin", "TiffImagePlugin"}
"""Modules that JPEG's reads the camera's notes with."""
PAPERS = ("LICENSE", "NOTICES.txt", "paydesk.cdx.json")
"""Files beside the packaged program: its license, those of all others, and the bill of materials."""


def unused_decoders() -> list[str]:
    """Return the modules of Pillow that decode pictures which PayDesk has no use for."""
    plugins = set(PIL._plugins) - PICTURES - PICTURE_PARTS
    return sorted(f"PIL.{name}" for name in plugins | {"_avif", "_imagingcms", "_imagingft", "_webp"})


def left_out(name: str) -> bool:
    """Say if a file stays out of the package. ``name`` is its path in the package, on any system."""
    path = name.replace("\\", "/")
    if plugin := PLUGIN.fullmatch(path):
        return plugin[2] not in QT_PLUGINS.get(plugin[1], ())
    return bool(UNUSED.search(path))


def orphans(needs: Mapping[str, Collection[str]]) -> set[str]:
    """Return the libraries that only left-out files need, directly or through one another, like GTK's.

    ``needs`` has the names of the libraries that each file is linked with, by the file's path in the package.
    A library that no file is linked with stays, because code may load it by name.
    """
    left = [name for name in needs if left_out(name)]
    suspects = {library for name in left for library in needs[name]}
    paths = {PurePosixPath(name).name: name for name in needs if not left_out(name)}
    todo = [path for library, path in paths.items() if library not in suspects]
    reached: set[str] = set()
    while todo:
        new = set(needs[todo.pop()]) - reached
        reached |= new
        todo += [paths[library] for library in new if library in paths]
    return {path for library, path in paths.items() if library in suspects - reached}


def kept(entries: Iterable[Entry], gone: Collection[str]) -> list[Entry]:
    """Return PyInstaller's entries without those in ``gone`` and without links to them."""
    names = {PurePosixPath(name).name for name in gone}
    return [
        (name, source, kind)
        for name, source, kind in entries
        if name not in gone and not (kind == "SYMLINK" and PurePosixPath(source).name in names)
    ]


def faults(folder: Path) -> Iterator[str]:
    """Yield what a packaged program's folder lacks, or carries though nothing needs it."""
    for paper in PAPERS:
        if not (folder / paper).is_file() or not (folder / paper).stat().st_size:
            yield f"{paper} is missing."
            return
    notices = (folder / "NOTICES.txt").read_text("utf-8")
    for part in json.loads((folder / "paydesk.cdx.json").read_text("utf-8"))["components"]:
        if part["name"].lower().removesuffix(".ttf") not in notices.lower():
            yield f"NOTICES.txt does not name {part['name']}."
    for path in sorted(folder.rglob("*")):
        if left_out(path.relative_to(folder).as_posix().removeprefix("_internal/")):
            yield f"{path.relative_to(folder)} is not needed."


if __name__ == "__main__":
    found = list(faults(Path(sys.argv[1])))
    sys.exit("\n".join(found) if found else 0)
