"""Time from process start to a window that takes typing, against an empty window with a table."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

RUNS = 11

_OURS = """
import sys
from bench.start import tell_when_typed
sys.argv = ["paydesk", "--training", "--basedir", {base!r}]
tell_when_typed()
from paydesk.__main__ import main
main()
"""
_FLOOR = """
from bench.start import tell_when_typed
tell_when_typed()
from PySide6.QtWidgets import QApplication, QMainWindow, QTableView
app = QApplication([])
window = QMainWindow()
window.setCentralWidget(QTableView())
window.resize(1366, 728)
window.show()
app.exec()
"""


def measure(runs: int = RUNS) -> tuple[float, float]:
    """Return the median seconds of both, started in turn. A first run has read every file."""
    with tempfile.TemporaryDirectory(prefix="paydesk-bench-", ignore_cleanup_errors=True) as base:
        programs = (_OURS.format(base=base), _FLOOR)
        for program in programs:
            _seconds(program, base, stay=True)
        pairs = [[_seconds(program, base) for program in programs] for _ in range(runs)]
    ours, floor = zip(*pairs, strict=True)
    return median(ours), median(floor)


def _seconds(program: str, folder: str, *, stay: bool = False) -> float:
    """Return the seconds until a program's window is painted and took a key. ``stay`` delays its end."""
    # A late import: the floor imports this module, too, and would pay for it.
    from paydesk.tour import make_screen

    # Keep compiled modules, as on any computer where a program starts twice.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    env["BENCH_STAY_MS"] = "3000" if stay else "0"
    env["PYTHONPATH"] = os.pathsep.join(sys.path)
    env["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    if env.get("QT_QPA_PLATFORM") == "offscreen":  # its default screen is smaller than any desk's
        env["QT_QPA_PLATFORM"] = make_screen(Path(folder))
    started = perf_counter()
    child = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, env=env, text=True, cwd=folder
    )
    assert child.stdout is not None
    said = child.stdout.readline()
    took = perf_counter() - started
    child.stdout.close()
    child.wait()
    if said.strip() != "typed":
        raise RuntimeError(f"the window never took a key (exit code {child.returncode})")
    return took


def tell_when_typed() -> None:
    """Make the next event loop print ``typed`` once its window is painted and took a key."""
    from PySide6.QtWidgets import QApplication  # both programs import it anyway

    QApplication.exec = _exec(QApplication.exec)  # type: ignore[method-assign]  # the only hook into it


def _exec(real: Callable[[], int]) -> Callable[[], int]:
    def run() -> int:
        from PySide6.QtCore import QTimer

        QTimer.singleShot(0, _look)
        return real()

    return staticmethod(run)


def _look() -> None:
    from PySide6.QtCore import QEvent, Qt, QTimer
    from PySide6.QtGui import QKeyEvent
    from PySide6.QtWidgets import QApplication, QLineEdit

    focus = QApplication.focusWidget()
    shown = [top for top in QApplication.topLevelWidgets() if top.isVisible()]
    handle = shown[0].windowHandle() if shown else None
    if focus is None or handle is None or not handle.isExposed():
        QTimer.singleShot(0, _look)
        return
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QApplication.sendEvent(focus, QKeyEvent(kind, Qt.Key.Key_5, Qt.KeyboardModifier.NoModifier, "5"))
    QApplication.processEvents()  # paint the typed key
    assert not isinstance(focus, QLineEdit) or focus.text() == "5"
    print("typed", flush=True)
    QTimer.singleShot(int(os.environ["BENCH_STAY_MS"]), lambda: os._exit(0))


if __name__ == "__main__":
    ours, floor = measure()
    print(f"{ours * 1000:.0f} ms, floor {floor * 1000:.0f} ms, {ours / floor:.2f} x")
