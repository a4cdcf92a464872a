"""XML from elsewhere, read as a stream of events. Nothing that it says makes the parser itself large."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NoReturn
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

MOST_DEPTH = 64
"""Most elements inside each other. AMS360 and Excel write about ten."""
LONGEST_TAG = 100_000
"""Most bytes of one tag or comment. expat keeps it whole until its end."""
MOST_NAMES = 2_000
"""Most different names of elements, attributes and namespaces. expat keeps each of them for ever."""
_ENCODINGS = frozenset(
    ("utf-8", "utf8", "utf-16", "utf-16le", "utf-16be", "us-ascii", "iso-8859-1", "windows-1252")
)
MOST_ELEMENTS = 300_000
"""Most elements of a tree. An answer of 8 MB has fewer."""


class XmlRefused(Exception):
    """The text is no XML, or more than any honest one. The message never quotes it."""


class XmlStream:
    """Calls ``start``, ``end`` and ``text`` while it is fed. A subclass overrides them.

    A document type, and with it every entity, is refused at its first byte. Names come as ``named`` gives
    them. Every method raises XmlRefused.
    """

    def __init__(self, named: Callable[[str], str]) -> None:
        self._named = named
        self._names: dict[str, str] = {}
        self._depth = self._fed = 0
        self._parser = expat.ParserCreate(namespace_separator="}")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self.text
        self._parser.StartNamespaceDeclHandler = self._declared
        self._parser.StartDoctypeDeclHandler = _no_document_type
        self._parser.XmlDeclHandler = _known_encoding

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Take the beginning of an element."""

    def end(self, name: str) -> None:
        """Take the end of an element."""

    def text(self, piece: str) -> None:
        """Take a piece of text, at most some kilobytes."""

    def feed(self, block: bytes) -> None:
        """Parse the next bytes."""
        self._parse(block, last=False)
        self._fed += len(block)
        if self._fed - max(self._parser.CurrentByteIndex, 0) > LONGEST_TAG:
            raise XmlRefused("a tag without end")

    def close(self) -> None:
        """Parse the end of the text."""
        self._parse(b"", last=True)

    def _parse(self, block: bytes, *, last: bool) -> None:
        try:
            self._parser.Parse(block, last)
        except expat.ExpatError as error:
            code = error.code
        except (LookupError, ValueError):  # an encoding that Python does not know, or that is no encoding
            code = 0
        else:
            return
        raise XmlRefused(expat.ErrorString(code) or "no text")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise XmlRefused("too deep")
        known = self._names.get(name)
        if known is None:
            known = self._noted(name)
        if attributes and not attributes.keys() <= self._names.keys():
            for other in attributes:
                self._noted(other)
        self.start(known, attributes)

    def _end(self, name: str) -> None:
        self._depth -= 1
        self.end(self._names[name])

    def _declared(self, prefix: str | None, address: str | None) -> None:
        self._noted(f"{prefix}:{address}")

    def _noted(self, name: str) -> str:
        if len(self._names) >= MOST_NAMES:
            raise XmlRefused("too many names")
        return self._names.setdefault(name, self._named(name))


def local(name: str) -> str:
    """Return a name without its namespace."""
    return name.rpartition("}")[2]


def in_braces(name: str) -> str:
    """Return a name as ElementTree spells it: ``{namespace}name``."""
    return f"{{{name}" if "}" in name else name


def tree_of(body: bytes) -> Element:
    """Return the root of a whole document. Raises XmlRefused."""
    made = _Tree()
    for at in range(0, len(body), LONGEST_TAG):
        made.feed(body[at : at + LONGEST_TAG])
    made.close()
    return made.root()


class _Tree(XmlStream):
    def __init__(self) -> None:
        super().__init__(in_braces)
        self._builder = TreeBuilder()
        self._left = MOST_ELEMENTS

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._left -= 1
        if not self._left:
            raise XmlRefused("too many elements")
        self._builder.start(name, {in_braces(key): held for key, held in attributes.items()})

    def end(self, name: str) -> None:
        self._builder.end(name)

    def text(self, piece: str) -> None:
        self._builder.data(piece)

    def root(self) -> Element:
        return self._builder.close()


def _known_encoding(_version: str, encoding: str | None, _alone: int) -> None:
    """Refuse an encoding of Python's, of which some read escapes or call other codecs."""
    if (encoding or "utf-8").lower() not in _ENCODINGS:
        raise XmlRefused("an encoding of its own")


def _no_document_type(*_: object) -> NoReturn:
    raise XmlRefused("a document type")
