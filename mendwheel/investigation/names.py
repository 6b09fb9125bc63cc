"""Which component a name in the evidence means: case, pod suffixes and mentions in prose."""

import re
from collections.abc import Iterable, Sequence

_POD = re.compile(r"-[0-9a-f]{6,10}-[a-z0-9]{5}$")
_WORD = re.compile(r"[A-Za-z0-9][\w.:/@-]*")


class Names:
    """Canonical names: the candidates where the ticket gives some, else names as they stand."""

    def __init__(self, components: Sequence[str]) -> None:
        self._by_low = {name.lower(): name for name in components}

    def canonical(self, name: str) -> str:
        """The candidate `name` means; a pod's name becomes its workload's; else unchanged."""
        name = name[:200]
        low = name.strip().lower()
        if low in self._by_low:
            return self._by_low[low]
        short = _POD.sub("", low)
        if short != low:
            return self._by_low.get(short, _POD.sub("", name.strip()))
        return name.strip()

    def mentioned(self, text: str, also: Iterable[str] = ()) -> list[str]:
        """Candidates and `also` that stand as a word in `text`, in order of appearance."""
        wanted = self._by_low | {name.lower(): name for name in also}
        found: dict[str, None] = {}
        for word in _WORD.findall(text[:50_000]):
            low = word.lower().rstrip(".:,/")
            name = wanted.get(low) or wanted.get(_POD.sub("", low))
            if name:
                found[name] = None
        return list(found)
