"""The program opens no door: no shell, no unsafe reader, no listening port, no unchecked TLS."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.sources import together, tree
from tests.test_house import PACKAGE

SOURCES = sorted(PACKAGE.rglob("*.py"))
READERS = {"pickle", "marshal", "shelve", "dill", "yaml", "xmlrpc", "lxml", "imp", "code", "codeop"}
"""Modules that run what they read, or expand it without bound."""
XML = {"xml.etree", "xml.dom", "xml.sax", "xml.parsers"}
"""The standard library's parsers, which expand entities. defusedxml wraps them."""
XML_STREAM = "gateways/http/xml_stream.py"
"""The one module that drives a parser itself. It refuses a document type, so there is no entity to expand."""
OFFER_PAGE = "ui/offer/waiting_page.py"
"""The one module that opens an address: AndDone's page, checked by `gateways/anddone`, or a quoted mailto."""
CALLS = {
    "eval", "exec", "compile", "__import__", "os.system", "os.popen", "os.startfile", "os.execv", "os.spawnv",
    "tempfile.mktemp", "ssl._create_unverified_context", "QDesktopServices.openUrl", "QProcess.startDetached",
    "webbrowser.open", "ctypes.CDLL.eval", "shutil.unpack_archive", "random.seed",
}  # fmt: skip
SERVERS = {
    "HTTPServer", "ThreadingHTTPServer", "TCPServer", "ThreadingTCPServer", "UDPServer", "QLocalServer",
    "QTcpServer", "QWebSocketServer", "QHttpServer", "create_server",
}  # fmt: skip
OWN_FILE = "QUrl.fromLocalFile"
"""The only kind of address that a window opens: a file or folder of this computer."""
FLAGS = {"verify": False, "shell": True, "check_hostname": False, "trust_env": True}
PROGRAMS = {"config/windows_rights.py", "sandbox/serve.py", "store/database/disk.py"}
"""The modules that start another program: `icacls` of Windows, the emulators, and `/sbin/mount` on macOS."""


def dangers(module: ast.Module) -> Iterator[str]:
    """Yield what a module calls, imports or sets that PayDesk must not."""
    todo: list[ast.AST] = [module]
    while todo:
        node = todo.pop()
        if not (isinstance(node, ast.If) and dotted(node.test) == "TYPE_CHECKING"):
            yield from (f"line {getattr(node, 'lineno', 0)}: {what}" for what in of_node(node))
            todo += ast.iter_child_nodes(node)


def of_node(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Import():
            yield from (each.name for each in node.names if is_barred(each.name))
        case ast.ImportFrom(module=str(name)):
            every = [name, *(f"{name}.{each.name}" for each in node.names)]
            yield from (each for each in every if is_barred(each) or each in CALLS)
            yield from (each.name for each in node.names if each.name in SERVERS)
        case ast.Call():
            called = dotted(node.func)
            if called == "QDesktopServices.openUrl" and [dotted_call(each) for each in node.args] == [
                OWN_FILE
            ]:
                return
            if called in CALLS or called.rpartition(".")[2] in SERVERS:
                yield called
            yield from (f"{word.arg}=" for word in node.keywords if is_flag(str(word.arg), word.value))
        case ast.Assign():
            names = [dotted(target).rpartition(".")[2] for target in node.targets]
            yield from (f"{name} =" for name in names if is_flag(name, node.value))
        case ast.Attribute(attr="CERT_NONE" | "TLSv1" | "TLSv1_1" | "PROTOCOL_TLSv1"):
            yield node.attr


def dotted(node: ast.AST) -> str:
    """Return "os.path.join" of such an expression. Any other part of it is left out."""
    match node:
        case ast.Name():
            return node.id
        case ast.Attribute():
            return f"{dotted(node.value)}.{node.attr}"
    return ""


def dotted_call(node: ast.AST) -> str:
    """Return the name of the function that an expression calls, or "" for another one."""
    return dotted(node.func) if isinstance(node, ast.Call) else ""


def is_barred(name: str) -> bool:
    """Say if a module may not be imported, also by the name of a part of it."""
    if name.startswith("xml.sax.saxutils"):  # it writes
        return False
    return name.partition(".")[0] in READERS or any(
        name == each or name.startswith(f"{each}.") for each in XML
    )


def is_flag(name: str, value: ast.expr) -> bool:
    """Say if a flag has the value that opens a door."""
    return name in FLAGS and isinstance(value, ast.Constant) and value.value is FLAGS[name]


@together
def test_the_program_has_no_dangerous_call() -> None:
    found = {path.relative_to(PACKAGE).as_posix(): list(dangers(tree(path))) for path in SOURCES}
    servers = found.pop("sandbox/server/http.py")
    parser = found.pop(XML_STREAM)
    opened = found.pop(OFFER_PAGE)
    assert all(" xml." in said for said in parser), parser
    assert [said.split(": ")[1] for said in opened] == ["QDesktopServices.openUrl"]
    assert {name: said for name, said in found.items() if said} == {}
    assert servers, "the emulators' server is found: the search works"


def test_only_the_emulators_import_their_server() -> None:
    importing = [path for path in SOURCES if "paydesk.sandbox.server.http" in path.read_text("utf-8")]
    assert importing
    assert all(path.is_relative_to(PACKAGE / "sandbox") for path in importing)


def test_few_modules_start_another_program() -> None:
    starting = {
        path.relative_to(PACKAGE).as_posix()
        for path in SOURCES
        if re.search(r"\bsubprocess\b|\bQProcess\b|\bos\.(exec|spawn|posix_spawn)", path.read_text("utf-8"))
    }
    assert starting == PROGRAMS


def test_each_exception_of_the_linter_has_a_reason() -> None:
    for path in SOURCES:
        for line in path.read_text("utf-8").splitlines():
            if re.search(r"noqa:.*\bS\d", line):
                assert re.search(r"# noqa: S\d+ - \w", line), (path.name, line)


@pytest.mark.parametrize(
    "code",
    [
        "eval('1')", "exec(text)", "import pickle", "from pickle import loads", "import marshal as m",
        "import yaml", "import os\nos.system('x')", "from os import system",
        "subprocess.run('x', shell=True)",
        "session.get(url, verify=False)", "session.verify = False", "context.check_hostname = False",
        "context.verify_mode = ssl.CERT_NONE", "ssl._create_unverified_context()", "session.trust_env = True",
        "context.minimum_version = ssl.TLSVersion.TLSv1_1", "import xml.etree.ElementTree",
        "from xml.etree import ElementTree", "from xml.sax import parse", "import lxml.etree",
        "HTTPServer(('', 80), Handler)", "from http.server import HTTPServer", "QLocalServer(self)",
        "socket.create_server(('', 80))", "tempfile.mktemp()", "QDesktopServices.openUrl(url)",
        "QDesktopServices.openUrl(QUrl(text))", "QDesktopServices.openUrl(QUrl.fromUserInput(text))",
        "if x:\n    def f():\n        return eval(y)",
    ],
)  # fmt: skip
def test_a_danger_is_found(code: str) -> None:
    assert list(dangers(ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    [
        "evaluate('1')", "dialog.exec()", "self.verify(False)", "session.get(url, verify=bundle)",
        "subprocess.run(['x'], shell=False)", "session.trust_env = False", "re.compile('x')",
        "from defusedxml.ElementTree import fromstring", "context.check_hostname = True",
        "if TYPE_CHECKING:\n    from xml.etree.ElementTree import Element", "import json", "import codecs",
        "QDesktopServices.openUrl(QUrl.fromLocalFile(folder))",
    ],
)  # fmt: skip
def test_an_ordinary_call_is_none(code: str) -> None:
    assert list(dangers(ast.parse(code))) == []
