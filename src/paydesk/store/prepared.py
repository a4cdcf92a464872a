"""What every payment writes and looks at, taken apart once: its text, and how each value is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from paydesk.domain.errors import BugError

Values = Mapping[str, Any]
_Statement = sa.Insert | sa.Update | sa.Select[Any]
_Plan = tuple[str, Callable[[Values], Any]]
"""The text for the driver, and what makes its parameters of the values."""


class Prepared:
    """A statement, executed within a transaction; what it returns comes as the driver has it.

    ``Connection.execute`` takes statement and values apart at every execution, and keeps account of it;
    both were a quarter of PayDesk's own time for a payment (``dev.py bench``).
    """

    def __init__(self, statement: _Statement) -> None:
        self._statement = statement
        self._plans: dict[tuple[str, tuple[str, ...]], _Plan] = {}

    def execute(self, connection: sa.Connection, values: Values) -> int:
        """Execute it once; how many rows it wrote."""
        text, parameters = self._plan(connection.dialect, tuple(values))
        return int(_run(connection, text, parameters(values)).rowcount)

    def rows(self, connection: sa.Connection, values: Values) -> Sequence[Sequence[Any]]:
        """Execute it once; the rows it returns."""
        text, parameters = self._plan(connection.dialect, tuple(values))
        found: Sequence[Sequence[Any]] = _run(connection, text, parameters(values)).fetchall()
        return found

    def value(self, connection: sa.Connection, values: Values) -> Any:
        """Execute it once; the one value it returns."""
        ((value,),) = self.rows(connection, values)
        return value

    def execute_many(self, connection: sa.Connection, rows: Sequence[Values]) -> None:
        """Execute it for each of the rows, of which there is at least one; all have the same names."""
        text, parameters = self._plan(connection.dialect, tuple(rows[0]))
        _run(connection, text, [parameters(row) for row in rows])

    def _plan(self, dialect: sa.Dialect, names: tuple[str, ...]) -> _Plan:
        plan = self._plans.get((dialect.name, names))
        if plan is None:
            plan = self._plans[dialect.name, names] = _plan(self._statement, dialect, names)
        return plan


def _run(connection: sa.Connection, text: str, parameters: Any) -> Any:
    """A cursor that has executed it, for each of the parameters where they are a list.

    A server's connection can break, which SQLAlchemy has to hear of; a file's cannot.
    """
    if not connection.in_transaction():
        raise BugError("a prepared statement begins no transaction")
    dialect = connection.dialect
    if dialect.name != "sqlite":
        return connection.exec_driver_sql(text, parameters)
    cursor = connection.connection.cursor()
    execute = dialect.do_executemany if isinstance(parameters, list) else dialect.do_execute
    try:
        execute(cursor, text, parameters)
    except dialect.loaded_dbapi.Error as error:
        raise sa.exc.DBAPIError.instance(text, None, error, dialect.loaded_dbapi.Error) from error
    return cursor


def _plan(statement: _Statement, dialect: sa.Dialect, names: tuple[str, ...]) -> _Plan:
    """For values of these names; every other parameter is a constant of the statement.

    Raises BugError for a name that it has no place for, and when one is missing that it needs.
    """
    compiled: Any = statement.compile(dialect=dialect, column_keys=list(names))
    needed = {name for parameter, name in compiled.bind_names.items() if parameter.required}
    if wrong := set(names) - compiled.params.keys() | needed - set(names):
        raise BugError(f"{', '.join(sorted(wrong))}: a value without a place, or a place without a value")
    constants = {name: value for name, value in compiled.params.items() if name not in names}
    write = {
        name: parameter.type.dialect_impl(dialect).bind_processor(dialect)
        for parameter, name in compiled.bind_names.items()
    }
    order = [(name, write[name]) for name in (compiled.positiontup if compiled.positional else write)]

    def as_tuple(values: Values) -> tuple[Any, ...]:
        given = {**constants, **values}
        return tuple([to(given[name]) if to else given[name] for name, to in order])

    def as_dict(values: Values) -> dict[str, Any]:
        given = {**constants, **values}
        return {name: to(given[name]) if to else given[name] for name, to in order}

    return compiled.string, as_tuple if compiled.positional else as_dict
