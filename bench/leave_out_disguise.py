"""The same incident in another disguise: what the evidence shows stays, what it is called goes.

Rules that lean on a name, a date or the order of lines lose accuracy under these; rules about the
shape of evidence do not.
"""

import random
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from mendwheel.investigation import Case
from mendwheel.investigation.clock import onset

Disguise = Callable[[Case, random.Random], Case]

_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?")
_DAYTIME = re.compile(r"(?<![\d:.-])([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?![\d:])")
_UNIX = re.compile(r"(?<![\w.])1\d{9}(?=\D|$)")
_NUMBER = re.compile(r",-?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?=,|$)")
_DAY = 86_400
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def renamed(case: Case, chance: random.Random) -> Case:
    """Every candidate component gets an invented name that says nothing of what it does."""
    names: dict[str, str] = {}
    while len(names) < len(case.components):
        word = "".join(chance.choice("bdfgklmnprstvz") + chance.choice("aeiou") for _ in range(5))
        if word not in names.values():
            names[case.components[len(names)]] = word
    return _rewritten(case, lambda text: _replaced(text, names), names)


def shifted(case: Case, chance: random.Random) -> Case:
    """Every moment moves by the same days, hours and minutes."""
    move = chance.randrange(3, 300) * _DAY + chance.randrange(1, 22) * 3600 + 13 * 60
    return _rewritten(case, lambda text: _moved(text, move), {})


def at_midnight(case: Case, chance: random.Random) -> Case:
    """Moved so that the incident begins half a minute after midnight."""
    began = onset(f"{case.title}\n{case.body}")
    if began is None:
        return case
    move = chance.randrange(3, 300) * _DAY - int(began) % _DAY + 30
    return _rewritten(case, lambda text: _moved(text, move), {})


def skewed(case: Case, chance: random.Random) -> Case:
    """The clock of what is measured runs up to two minutes before or after the reporter's."""
    move = chance.choice((-120, -60, 60, 120))
    exhibits = [e.model_copy(update={"text": _moved(e.text, move)}) for e in case.exhibits]
    return case.model_copy(update={"exhibits": exhibits})


def shuffled(case: Case, chance: random.Random) -> Case:
    """Candidates, exhibits and the lines within them in any order; a table keeps its header."""
    exhibits = [
        each.model_copy(update={"text": _mixed(each.text, chance)}) for each in case.exhibits
    ]
    return case.model_copy(
        update={
            "exhibits": chance.sample(exhibits, len(exhibits)),
            "components": chance.sample(case.components, len(case.components)),
            "faults": chance.sample(case.faults, len(case.faults)),
        }
    )


def restyled(case: Case, _: random.Random) -> Case:
    """Metrics named in the other usual style: `PodServerLatency` becomes `pod_server_latency`."""

    def header(text: str) -> str:
        first, newline, rest = text.partition("\n")
        if "," not in first and "\t" not in first:
            return text
        rows = [_snake(line, case.components) for line in rest.split("\n")]
        return _snake(first, case.components) + newline + "\n".join(rows)

    exhibits = [
        each.model_copy(update={"text": header(each.text)}) if each.kind == "metrics" else each
        for each in case.exhibits
    ]
    return case.model_copy(update={"exhibits": exhibits})


def gappy(case: Case, chance: random.Random) -> Case:
    """One figure in twenty of the metrics is missing."""

    def thinned(text: str) -> str:
        head, *rest = text.split("\n")
        return "\n".join([head, *(_NUMBER.sub(lost, line) for line in rest)])

    def lost(found: re.Match[str]) -> str:
        return "," if chance.random() < 0.05 else found[0]

    exhibits = [
        e.model_copy(update={"text": thinned(e.text)}) if e.kind == "metrics" else e
        for e in case.exhibits
    ]
    return case.model_copy(update={"exhibits": exhibits})


DISGUISES: Mapping[str, Disguise] = {
    "services_renamed": renamed,
    "time_shifted": shifted,
    "over_midnight": at_midnight,
    "clock_skewed": skewed,
    "order_shuffled": shuffled,
    "metrics_restyled": restyled,
    "metrics_gappy": gappy,
}


def _rewritten(case: Case, rewrite: Callable[[str], str], names: Mapping[str, str]) -> Case:
    return case.model_copy(
        update={
            "title": rewrite(case.title),
            "body": rewrite(case.body),
            "exhibits": [e.model_copy(update={"text": rewrite(e.text)}) for e in case.exhibits],
            "components": [names.get(name, name) for name in case.components],
        }
    )


def _replaced(text: str, names: Mapping[str, str]) -> str:
    if not names:
        return text
    longest = sorted(names, key=lambda name: -len(name))
    pattern = "|".join(re.escape(name) for name in longest)
    return re.sub(rf"(?<![A-Za-z0-9])(?:{pattern})(?![A-Za-z0-9])", lambda m: names[m[0]], text)


def _moved(text: str, move: int) -> str:
    def of_day(found: re.Match[str]) -> str:
        seconds = (int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3]) + move) % _DAY
        return f"{seconds // 3600:02}:{seconds % 3600 // 60:02}:{seconds % 60:02}"

    def iso(found: re.Match[str]) -> str:
        try:
            stamp = datetime.fromisoformat(found[0]) + timedelta(seconds=move)
        except ValueError:
            return found[0]
        # A date and its time of day are one moment: hide them from the second pass.
        written = stamp.isoformat(found[0][10], "seconds" if len(found[0]) > 16 else "minutes")
        return written.replace(":", "\0")

    text = _DAYTIME.sub(of_day, _ISO.sub(iso, text)).replace("\0", ":")
    return _UNIX.sub(lambda found: str(int(found[0]) + move), text)


def _mixed(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    if lines[0][:1] in "{[":
        return text
    table = any(mark in lines[0] for mark in ",\t") and "->" not in lines[0]
    head, rest = (lines[:1], lines[1:]) if table else ([], lines)
    return "\n".join(head + chance.sample(rest, len(rest)))


def _snake(line: str, components: list[str]) -> str:
    """Every cell that is a word, but no component, in lower case with underscores."""
    words = (
        cell if cell in components or not cell[:1].isalpha() else _CAMEL.sub("_", cell).lower()
        for cell in re.split(r"([,\t])", line)
    )
    return "".join(words)
