"""What one delivery holds, over all its sources: one document an id, and every problem named."""

from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from mendwheel.domain.knowledge import Document
from mendwheel.knowledge.sources import File, Problem


class Reading:
    """Passes documents on, tells of problems at once, and counts both."""

    def __init__(
        self,
        product: str | None = None,
        *,
        problem: Callable[[Problem], None] = lambda _: None,
        progress: Callable[[int], None] = lambda _: None,
    ) -> None:
        """`product` is that of documents that name none; `progress` is told documents so far."""
        self.product = product
        self.problems: list[Problem] = []
        self._from: dict[str, Path] = {}
        self._problem = problem
        self._progress = progress

    @property
    def taken(self) -> int:
        """Documents passed on so far."""
        return len(self._from)

    def documents(self, file: File, source: Path) -> Iterator[Document]:
        """Those of `file`, without ones whose id another document has already."""
        for each in file.read():
            if isinstance(each, Problem):
                self.leave_out(each)
            elif (first := self._from.get(each.id)) is not None:
                # The second would replace the first without a word.
                what = f"its id {each.id!r} was taken from {first}: learn a folder above both"
                self.leave_out(Problem(str(source), 0, what))
            else:
                self._take(each.id, source)
                yield self._as_of_product(each)

    def stand(self, ids: Collection[str], source: Path) -> bool:
        """Count documents that need not be read again; False where an id was taken before."""
        if any(each in self._from for each in ids):
            return False
        for each in ids:
            self._take(each, source)
        return True

    def leave_out(self, problem: Problem) -> None:
        """Something that is not taken."""
        self.problems.append(problem)
        self._problem(problem)

    def _take(self, identity: str, source: Path) -> None:
        self._from[identity] = source
        self._progress(self.taken)

    def _as_of_product(self, each: Document) -> Document:
        if self.product is None or each.product:
            return each
        return each.model_copy(update={"product": self.product})
