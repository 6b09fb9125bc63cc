"""The shape of one check of `mendwheel doctor`."""

from typing import Literal

from pydantic import BaseModel


class Check(BaseModel):
    """What was looked at, how it is, and the way out where it is not well."""

    name: str
    state: Literal["ok", "warn", "fail"]
    detail: str
    way_out: str = ""


def ok(name: str, detail: str) -> Check:
    return Check(name=name, state="ok", detail=detail)


def warn(name: str, detail: str, way_out: str) -> Check:
    return Check(name=name, state="warn", detail=detail, way_out=way_out)


def fail(name: str, detail: str, way_out: str) -> Check:
    return Check(name=name, state="fail", detail=detail, way_out=way_out)


def parted(name: str, message: str, way_out: str = "look at the message") -> Check:
    """A failure from an error message of the suite: what is wrong, a colon, the way out."""
    what, colon, rest = message.rpartition(": ")
    return fail(name, what, rest) if colon else fail(name, message, way_out)
