"""The name of the program for commands."""

from __future__ import annotations

import pytest

import paydesk


@pytest.mark.parametrize(
    ("system", "packaged", "name"),
    [
        ("win32", True, "paydesk-cli"),
        ("win32", False, "paydesk"),
        ("linux", True, "paydesk"),
        ("darwin", True, "paydesk"),
    ],
)
def test_only_the_package_for_windows_has_a_second_program(system: str, packaged: bool, name: str) -> None:
    assert paydesk.command_name(system, packaged) == name


def test_here_it_is_paydesk() -> None:
    assert paydesk.COMMAND == "paydesk"
