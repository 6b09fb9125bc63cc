"""One page that was taken in twice is one source: found once, with the other ids beside it."""

from collections.abc import Sequence

from mendwheel.domain.knowledge import Passage


def collapsed(passages: Sequence[Passage]) -> list[Passage]:
    """The first of those that say the same, in their order; `copies` names the other documents.

    The same is the same text under the same title and heading, white space and case aside. Where
    component, remedy or access labels differ, two texts are not one: they are about other things,
    or for other people.
    """
    first: dict[tuple[object, ...], int] = {}
    kept: list[Passage] = []
    for passage in passages:
        at = first.setdefault(_mark(passage), len(kept))
        if at == len(kept):
            kept.append(passage)
        elif passage.document_id not in (kept[at].document_id, *kept[at].copies):
            copies = [*kept[at].copies, passage.document_id]
            kept[at] = kept[at].model_copy(update={"copies": copies})
    return kept


def _mark(passage: Passage) -> tuple[object, ...]:
    said = (passage.title, passage.heading, passage.text)
    about = (passage.kind, passage.component, passage.remedy, tuple(sorted(passage.labels)))
    return (*(" ".join(each.casefold().split()) for each in said), *about)
