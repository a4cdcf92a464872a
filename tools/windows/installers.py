"""Make the MSI and the set-up of a packaged program, sign them, and install, update and remove them.

The MSI is what administrators roll out (Group Policy, Intune). The set-up is for a person: it closes a
running PayDesk, lets the MSI install, and opens PayDesk again.
"""

from __future__ import annotations

import re
import shutil
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from tools.windows.checks import expect, last_words
from tools.windows.desktop import DISPLAY, PROGRAM, screen, wait_for_window
from tools.windows.machine import HERE, ROOT, require_success, windows_path

if TYPE_CHECKING:
    from tools.windows.machine import Machine
    from tools.windows.proof import Proof

SCOPES = {"machine": "", "user": "-user"}
"""For all users of a PC, or for the one who installs it, with the ending of the file's name."""
ICON = ROOT / "resources/app/paydesk.ico"
NAMESPACE = uuid.UUID("3d2f3f0a-7a51-4f66-9d0f-5e1c9a6a7b10")
"""Names the parts of an MSI, so that an update knows those of the last one."""


def version_of(source: Path) -> str:
    """Return the version of a checkout."""
    text = (source / "src/paydesk/__init__.py").read_text("utf-8")
    return text.partition('__version__ = "')[2].partition('"')[0]


def make_msi(machine: Machine, program: Path, version: str, scope: str, out: Path) -> None:
    """Make the MSI of the folder `program`."""
    files = sorted(path for path in program.rglob("*") if path.is_file())
    words = ["-p", f"{program}/", "--component-group", "Files", "--var", "var.SourceDir"]
    words += ["--directory-ref", "INSTALLDIR", "--win64"]
    harvested = out.with_suffix(".wxs")
    harvested.write_text(machine.inside("wixl-heat", *words, typed="\n".join(map(str, files))), "utf-8")
    defined = {
        "Version": version,
        "Scope": scope,
        "Icon": str(ICON),
        "SourceDir": str(program),
        "Win64": "yes",
    }
    parts = ("Menu", "Path")
    defined |= {f"{part}Guid": str(uuid.uuid5(NAMESPACE, f"{scope} {part}")).upper() for part in parts}
    flags = [word for name, value in defined.items() for word in ("-D", f"{name}={value}")]
    machine.inside("wixl", "-a", "x64", *flags, "-o", str(out), str(HERE / "paydesk.wxs"), str(harvested))
    harvested.unlink()


def make_setup(msi: Path, version: str, scope: str, out: Path) -> None:
    """Make the set-up around an MSI."""
    defined = {"VERSION": version, "SCOPE": scope, "MSI": str(msi), "OUT": str(out), "ICON": str(ICON)}
    require_success(
        "makensis",
        "-V2",
        *(f"-D{name}={value}" for name, value in defined.items()),
        str(HERE / "paydesk.nsi"),
    )


def sign(file: Path, certificate: Path, key: Path) -> None:
    """Sign a program or an MSI in its place."""
    signed = file.with_suffix(".signed")
    words = ["-certs", str(certificate), "-key", str(key), "-h", "sha256", "-n", "PayDesk"]
    require_success("osslsigncode", "sign", *words, "-in", str(file), "-out", str(signed))
    signed.replace(file)


def self_signed(folder: Path) -> tuple[Path, Path]:
    """Make a certificate that only shows that signing works: nobody trusts it."""
    certificate, key = folder / "try.pem", folder / "try.key"
    require_success(
        *(
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=PayDesk (not trusted)",
        ),
        *("-addext", "extendedKeyUsage=codeSigning", "-keyout", str(key), "-out", str(certificate)),
    )
    return certificate, key


# -- steps of `dev.py windows`

INSTALLED = "C:\\Program Files\\PayDesk\\paydesk-cli.exe"


def _make(proof: Proof) -> str:
    """Make MSI and set-up for both scopes, and a newer MSI for the update, all signed."""
    out, version = made(proof), version_of(proof.source)
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    certificate, key = self_signed(out)
    for program in proof.built.glob("*.exe"):
        sign(program, certificate, key)
    for scope, ending in SCOPES.items():
        msi = out / f"PayDesk-{version}{ending}.msi"
        setup = out / f"PayDesk-{version}{ending}-setup.exe"
        make_msi(proof.machine, proof.built, version, scope, msi)
        sign(msi, certificate, key)
        make_setup(msi, version, scope, setup)
        sign(setup, certificate, key)
    make_msi(proof.machine, proof.built, newer(version), "machine", out / f"PayDesk-{newer(version)}.msi")
    files = sorted(out.glob(f"PayDesk-{version}*"))
    return ", ".join(f"{file.name} {file.stat().st_size / 1e6:.0f} MB" for file in files)


def made(proof: Proof) -> Path:
    """Return the folder of the installers."""
    return proof.machine.folder / "installers"


def newer(version: str) -> str:
    """Return the version after this one."""
    first, _, last = version.rpartition(".")
    return f"{first}.{int(last) + 1}"


def _install(proof: Proof) -> str:
    """Install the MSI silently, find the menu and the path, and take the tour of the installed program."""
    msiexec(proof, "/i", f"PayDesk-{version_of(proof.source)}.msi")
    folder = proof.machine.drive / "Program Files/PayDesk"
    expect((folder / "paydesk.exe").is_file(), "no paydesk.exe in Program Files")
    links = sorted(path.name for path in proof.machine.drive.rglob("PayDesk*.lnk"))
    expect(links == ["PayDesk training desk.lnk", "PayDesk.lnk"], f"the start menu has {links}")
    for paper in ("LICENSE", "NOTICES.txt", "paydesk.cdx.json"):
        expect((folder / paper).is_file(), f"{paper} is missing")
    said = proof.run("cmd", "/c", "paydesk-cli --version")
    expect(said.strip() == f"PayDesk {version_of(proof.source)}", f"paydesk-cli is not on the path: {said}")
    toured = proof.run(INSTALLED, "tour", "--out", "C:\\tour-installed")
    proof.run(INSTALLED, "--training", "reconcile")  # makes a ledger in the data folder of the account
    return last_words(toured)


def _update(proof: Proof) -> str:
    """Install a newer MSI over it: one program is registered, the ledger stays."""
    version = newer(version_of(proof.source))
    msiexec(proof, "/i", f"PayDesk-{version}.msi")
    names = registered(proof)
    expect(names == [version], f"registered are {names}")
    expect(ledgers(proof) != [], "the training ledger is gone")
    return f"{version} alone is registered, the ledger is there"


def _remove(proof: Proof) -> str:
    """Remove it silently: the program goes, the ledger stays."""
    msiexec(proof, "/x", f"PayDesk-{newer(version_of(proof.source))}.msi")
    left = [path.name for path in (proof.machine.drive / "Program Files").glob("PayDesk/*")]
    links = list(proof.machine.drive.rglob("PayDesk*.lnk"))
    expect(not left and not links and not registered(proof), f"left: {left} {links} {registered(proof)}")
    expect(ledgers(proof) != [], "the training ledger is gone")
    return "the program is gone, the ledger is there"


def _setup_of_user(proof: Proof) -> str:
    """Install for one user by the set-up, without a window, and remove it."""
    version = version_of(proof.source)
    proof.run(windows_path(made(proof) / f"PayDesk-{version}-user-setup.exe"), "/S")
    (folder,) = proof.machine.drive.glob("users/*/AppData/Local/Programs/PayDesk")
    expect((folder / "paydesk.exe").is_file(), "no paydesk.exe in the profile")
    msiexec(proof, "/x", f"PayDesk-{version}-user.msi")
    expect(not (folder / "paydesk.exe").exists(), "paydesk.exe is still there")
    return "installed into the profile and removed"


def msiexec(proof: Proof, verb: str, name: str) -> None:
    """Let Windows Installer work without a window."""
    proof.run("msiexec", verb, windows_path(made(proof) / name), "/qn", "/norestart")


def registered(proof: Proof) -> list[str]:
    """Return the versions of PayDesk that Windows lists as installed."""
    uninstall = "HKLM\\Software\\Microsoft\\Windows\\CurrentVersion\\Uninstall"
    listed = proof.run("reg", "query", uninstall, "/s", "/reg:64")
    names = re.split(r"(?m)^HKEY", listed)
    ours = [part for part in names if re.search(r"DisplayName +REG_SZ +PayDesk", part)]
    return [found[1] for part in ours if (found := re.search(r"DisplayVersion +REG_SZ +(\S+)", part))]


def ledgers(proof: Proof) -> list[Path]:
    """Return the ledgers in the data folders of all users."""
    return list(proof.machine.drive.glob("users/*/AppData/Local/PayDesk/*.ledger"))


def _setup_of_machine(proof: Proof) -> str:
    """Run the set-up while a desk is open: it closes, the program is installed, and PayDesk opens again."""
    version = version_of(proof.source)
    setup = windows_path(made(proof) / f"PayDesk-{version}-setup.exe")
    proof.run(setup, "/S")
    shown = {"DISPLAY": DISPLAY}
    with screen():
        desk = proof.machine.start(PROGRAM, "--training", "--basedir", "C:\\desk", more=shown)
        wait_for_window()
        code = proof.machine.start(setup, "/S", more=shown).wait(300)
        expect(code == 0 and desk.wait(10) == 0, f"the set-up ended with {code}, the desk with {desk.poll()}")
        wait_for_window()
    proof.machine.stop()
    msiexec(proof, "/x", f"PayDesk-{version}.msi")
    return "the open desk was closed, PayDesk installed, and opened again"


STEPS = (
    ("installers", "MSI and set-up, per machine and per user, signed (self-signed)", _make),
    (
        "install",
        "the MSI is installed silently: files, start menu, path, tour of the installed program",
        _install,
    ),
    ("update", "a newer MSI is installed over it", _update),
    ("remove", "it is removed silently", _remove),
    ("setup", "the set-up, silently, while a desk is open", _setup_of_machine),
    ("setup-user", "the set-up per user, silently", _setup_of_user),
)
