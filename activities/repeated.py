"""Answers a model that asks for a read again with where to find it, instead of reading again.

A model that loops on a tool would otherwise spend its turns, and the systems' time, on nothing new.
"""

from collections.abc import Sequence

from mendwheel.activities.reading import Reads
from mendwheel.domain.evidence import Dossier, Evidence, EvidenceKind, ReadMade
from mendwheel.domain.ids import digest
from mendwheel.domain.ticket import Report, Ticket

NAMED = 10
"""Exhibits that are named at most."""

Asked = tuple[str, str]


def look_once(
    reads: Reads,
    dossier: Dossier,
    ticket: Ticket,
    report: Report,
    chosen: Sequence[Asked],
    usual: Sequence[Asked] = (),
    labels: Sequence[str] = (),
) -> None:
    """Make the reads, each (tool, query), and take what they find into the dossier.

    `chosen` were asked for by a model: one that was made before is not made again. `usual` are the
    suite's own and always made: the world may have changed since. `labels` as in `Reads.look_each`.
    """
    made = {(read.tool, read.query): read for read in dossier.reads}
    fresh: dict[tuple[str, str], Asked] = {}
    again: list[ReadMade] = []
    for asked in (*usual, *chosen):
        mark = (asked[0], _words(asked[1]))
        if mark in made and asked in chosen:
            again.append(made[mark])
        elif mark not in fresh:
            fresh[mark] = asked
    # One by one into the dossier, so that each read knows what it brought.
    found = reads.look_each(ticket, report, list(fresh.values()), labels)
    for mark, items in zip(fresh, found, strict=True):
        # Its own word for where it comes from may be anything, a file's name say.
        ids = dossier.add([item.model_copy(update={"read": mark[0]}) for item in items])
        if mark in made:
            made[mark].found = ids
        else:
            dossier.reads.append(ReadMade(tool=mark[0], query=mark[1], found=ids))
    for read in again:
        read.repeats += 1
        dossier.add([_pointer(read)])


def _words(query: str) -> str:
    """White space and case do not make it another read."""
    return digest(" ".join(query.casefold().split()))


def _pointer(read: ReadMade) -> Evidence:
    named = ", ".join(read.found[:NAMED])
    more = f" and {len(read.found) - NAMED} more" if len(read.found) > NAMED else ""
    said = f"exhibit {named}{more}" if named else "it found nothing"
    return Evidence(
        kind=EvidenceKind.READING,
        title=f"{read.tool} was not read again",
        source=read.tool,
        text=f"already read: {said}",
    )
