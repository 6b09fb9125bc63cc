"""No link that a stranger chose: what an answer links to is on a list, the rest is plain text.

An answer is worded by a model out of texts that anybody may have written. Sent in our name, a
link in it would be believed.
"""

import re
from collections.abc import Callable, Collection
from functools import lru_cache
from urllib.parse import urlsplit

from markdown_it import MarkdownIt

_PARSER = MarkdownIt("commonmark", {"html": False, "maxNesting": 60})
_STARTS = re.compile(r"\](?=[\(\[:])|<(?=[A-Za-z!/?])")
"""What makes a link of words: a bracket right before its address, an address in angle brackets."""
_MARKUP = re.compile(r"([\\`*_{}\[\]()#+.!|<>~&:-])")
_TIMES = 3


@lru_cache(maxsize=256)
def without_links(markdown: str, allowed: frozenset[str]) -> str:
    """`markdown` in which every link leads to one of the `allowed` hosts, as far as it links.

    Where one does not, none of it links any more: words and addresses stay, as text.
    """
    text = markdown
    for _ in range(_TIMES):
        if not _strange(text, allowed):
            return text
        # A blank in between: the same to read, also inside of code, and no link to any parser.
        text = _STARTS.sub(lambda found: f"{found[0]} ", text)
    return text if not _strange(text, allowed) else _MARKUP.sub(r"\\\1", markdown)


def hosts(urls: Collection[str | None]) -> frozenset[str]:
    """The hosts of addresses, as `without_links` compares them."""
    return frozenset(host for url in urls if url and (host := host_of(url)))


def host_of(url: str) -> str | None:
    """Host and port of a web address in small letters; None where it is none."""
    try:
        parts = urlsplit(url.strip())
        if parts.scheme.lower() not in ("http", "https") or "@" in parts.netloc:
            return None
        return parts.netloc.lower() or None
    except ValueError:
        return None


def _strange(markdown: str, allowed: frozenset[str]) -> bool:
    """Whether some link or picture leads elsewhere."""
    return any(host_of(url) not in allowed for url in _addresses(markdown))


def _addresses(markdown: str) -> list[str]:
    found: list[str] = []
    for token in _PARSER.parse(markdown):
        for child in token.children or []:
            name: Callable[[str], object] = child.attrGet
            if child.type == "link_open":
                found.append(str(name("href") or ""))
            elif child.type == "image":
                found += [str(name("src") or ""), *_addresses(child.content)]
    return found
