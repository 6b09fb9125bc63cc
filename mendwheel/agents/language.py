"""Which language a text is in, told from its script and its commonest words.

Enough to notice that an answer is in another language than its question; nothing is translated.
"""

import re
import unicodedata
from collections import Counter

LEAST = 5
"""Words a text needs; fewer tell nothing."""
SHARE = 0.12
"""Share of its words that must be common words of a language."""

_COMMON = {
    "en": "the of and to in is that for it with as are on be this you not or by from can your an "
    "i do does how what when where why my we if have has at was but which will no me a",
    "de": "der die das und ist nicht ein eine zu mit von den dem auf für wird sie ich es im kann",
    "fr": "de le la les des et est une un pour que dans vous pas du sur avec ce qui ne il au votre",
    "es": "de y el los las una que en es por con para no se del su al como más está puede usted",
    "it": "e il lo gli di che è una non con del della si sono nel alla come può questo dopo più",
    "pt": "de e os um uma que em é para não da se na por como mais são você pode ao seu foi ou",
    "nl": "de het een van en is dat niet op te met voor zijn aan door kan als bij uw wordt",
    "pl": "w na nie się jest że z dla od po jak może przez są ten czy jego tego które",
}
_ENGLISH = frozenset(_COMMON["en"].split())
_WORDS = {
    # What looks English is left to English: half of all technical text is mixed with it.
    name: frozenset(words.split()) - (frozenset() if name == "en" else _ENGLISH)
    for name, words in _COMMON.items()
}
_SCRIPTS = {
    "CYRILLIC": "ru", "GREEK": "el", "ARABIC": "ar", "HEBREW": "he", "HANGUL": "ko",
    "HIRAGANA": "ja", "KATAKANA": "ja", "CJK": "zh", "DEVANAGARI": "hi", "THAI": "th",
}  # fmt: skip
_CODE = re.compile(r"```.*?```|`[^`\n]*`|https?://\S+", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]+")
_READ = 4000


def language(text: str) -> str | None:
    """ISO 639-1 code, or None where the text is too short or too mixed to tell.

    Of a script that several languages share it is the one most often met.
    """
    plain = _CODE.sub(" ", text[:_READ])
    by_script = _script(plain)
    if by_script:
        return by_script
    words = [word.casefold() for word in _WORD.findall(plain)]
    if len(words) < LEAST:
        return None
    counts = Counter({name: sum(w in known for w in words) for name, known in _WORDS.items()})
    (best, most), (_, second) = counts.most_common(2)
    return best if most >= max(2, SHARE * len(words)) and most > second else None


def _script(text: str) -> str | None:
    """The language of a script other than Latin that most letters are in."""
    letters = [char for char in text if char.isalpha()]
    foreign = Counter(
        unicodedata.name(char, "").partition(" ")[0] for char in letters if ord(char) > 0x36F
    )
    known = {name: count for name, count in foreign.items() if name in _SCRIPTS}
    if not known or sum(known.values()) * 2 < len(letters):
        return None
    # Japanese is written with Chinese characters too: kana decide.
    kana = known.get("HIRAGANA", 0) + known.get("KATAKANA", 0)
    return "ja" if kana else _SCRIPTS[max(known, key=lambda name: known[name])]
