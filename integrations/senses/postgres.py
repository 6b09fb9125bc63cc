"""One SELECT on Postgres: in a transaction that only reads, by a cursor that takes nothing else.

The role should be allowed nothing but SELECT all the same: functions may do more than read.
"""

import re
from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg import sql

from mendwheel.domain.statement import QUOTED
from mendwheel.integrations.senses.sql import Rows
from mendwheel.ports import SenseError

_PARAMETER = re.compile(r"(?<![:\w]):([A-Za-z_]\w*)")
CHUNK = 50


def select(
    dsn: str, statement: str, values: Mapping[str, Any], *, rows: int, size: int, within: float
) -> Rows:
    """The first `rows` rows, `size` characters at most.

    Raises:
        SenseError: not reached, refused, too slow, or not SQL. The address is not repeated.
    """
    patience = max(2, round(within))  # fewer than two seconds libpq does not know
    try:
        with psycopg.connect(dsn, application_name="mendwheel", connect_timeout=patience) as db:
            db.read_only = True
            timeout = sql.SQL("SET LOCAL statement_timeout = {}").format(round(within * 1000))
            db.execute(timeout)
            with db.cursor(name="mendwheel") as cursor:
                cursor.execute(translated(statement).encode(), dict(values))
                return _bounded(cursor, rows, size)
    except psycopg.errors.QueryCanceled:
        told = f"took longer than {within:.1f} s: narrow it, or add an index"
    except psycopg.errors.ReadOnlySqlTransaction:
        told = "does more than read tables: write one SELECT"
    except psycopg.errors.InsufficientPrivilege as error:
        told = f"{_said(error)}: grant SELECT to its role"
    except psycopg.OperationalError:  # its text holds the address
        told = "the database cannot be reached: correct its secret, or see whether it is up"
    except psycopg.Error as error:
        told = f"{_said(error)}: correct its statement"
    raise SenseError(told)


def translated(statement: str) -> str:
    """`:name` as psycopg writes it, `%(name)s`; nothing in quotes and comments is touched."""
    text, at = "", 0
    for quoted in QUOTED.finditer(statement):
        text += _PARAMETER.sub(r"%(\1)s", _whole(statement[at : quoted.start()]))
        text += _whole(quoted[0])
        at = quoted.end()
    return text + _PARAMETER.sub(r"%(\1)s", _whole(statement[at:]))


def _whole(text: str) -> str:
    return text.replace("%", "%%")


def _bounded(cursor: psycopg.ServerCursor[tuple[Any, ...]], limit: int, size: int) -> Rows:
    header = [column.name for column in cursor.description or ()]
    found: list[tuple[Any, ...]] = []
    while chunk := cursor.fetchmany(CHUNK):
        for row in chunk:
            size -= sum(len(str(value)) for value in row)
            if len(found) == limit or size < 0:
                return Rows(header, found, True)
            found.append(row)
    return Rows(header, found, False)


def _said(error: psycopg.Error) -> str:
    return " ".join((error.diag.message_primary or type(error).__name__).split())[:150]
