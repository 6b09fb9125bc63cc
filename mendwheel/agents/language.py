"""Which language a text is in, and whether an answer is in one that nobody used who asked.

Told from its script and its small words; nothing is translated. A model that answers a German
question in Chinese helps nobody. One that quotes an English document to a German does.
"""

import re
import unicodedata
from collections import Counter
from functools import cache

LEAST = 5
"""Words a text needs; fewer tell nothing."""
SHARE = 0.12
"""Share of its words that must be small words of a language."""

# Left out is what several languages share and would make them look alike: a, no, de, la, es …
_SMALL = {
    "en": "the of and to is that for it with are on be this you not or by from can your an how "
    "what when where why which my we if have at was but will",
    "de": "der die das den dem und ist nicht ein eine zu mit von auf für sich sie ich es im kann "
    "werden wird oder wenn auch",
    "fr": "le les du des et est une un pour dans que qui pas ne sur vous votre avec sont cette ce "
    "ou mais au aux",
    "es": "el los las una y que en por con para se del su sus al son está esta como más pero "
    "puede usted",
    "it": "il lo gli e di che è una non con del della dei si sono nel per alla come può questo "
    "dopo più anche",
    "pt": "os e um uma que em é para não com da das dos ao pelo se por como mais mas são seu este "
    "foi ou você pode",
    "nl": "het een van en dat dit deze niet op te met voor aan door kan als bij uw wordt zijn maar "
    "ook",
    "pl": "w na nie się jest że z dla od po jak może przez są ten czy jego tego które",
}
_WORDS = {name: frozenset(words.split()) for name, words in _SMALL.items()}
_SCRIPTS = {
    "CYRILLIC": "ru", "GREEK": "el", "ARABIC": "ar", "HEBREW": "he", "HANGUL": "ko",
    "HIRAGANA": "ja", "KATAKANA": "ja", "CJK": "zh", "DEVANAGARI": "hi", "THAI": "th",
}  # fmt: skip
_EAST_ASIAN = ("HIRAGANA", "KATAKANA", "HANGUL")
_CODE = re.compile(r"```.*?```|`[^`\n]*`|https?://\S+", re.DOTALL)
# Not the `e` of `1.2e-05`, the `os` of `os.cpu` or the `se` of `node-se-1`: telemetry is full of
# what would be small words of some language if it stood by itself.
_WORD = re.compile(r"(?<![\w.:/@\\-])[^\W\d_]+(?![\w/@\\-]|[.:=]\w)")
_READ = 4000

# An answer is called foreign on sure signs only.
_ENOUGH_LETTERS = 30
_A_FEW_LETTERS = 12
_ENOUGH_WORDS = 12
_MOSTLY = 0.5
_HARDLY = 0.02
_SPEAKS = 0.15
_SPEAKS_NOT = 0.05


def language(text: str) -> str | None:
    """ISO 639-1 code, or None where the text is too short or too mixed to tell.

    Of a script that several languages share it is the one most often met.
    """
    plain = _CODE.sub(" ", text[:_READ])
    by_script = _by_script(plain)
    if by_script:
        return by_script
    words = _WORD.findall(plain)
    if len(words) < LEAST:
        return None
    (best, most), (_, second) = _counts(words).most_common(2)
    return best if most >= max(2, SHARE * len(words)) and most > second else None


def foreign(answer: str, asked: str) -> bool:
    """Whether `answer` is surely in a language that `asked` (report and evidence) does not use."""
    return _foreign_script(answer, asked) or _foreign_words(answer, asked)


def _by_script(text: str) -> str | None:
    """The language of a script other than Latin that most letters are in."""
    letters = _scripts(text)
    known = {name: count for name, count in letters.items() if name in _SCRIPTS}
    if not known or sum(known.values()) * 2 < letters.total():
        return None
    # Japanese is written with Chinese characters too: kana decide.
    kana = known.get("HIRAGANA", 0) + known.get("KATAKANA", 0)
    return "ja" if kana else _SCRIPTS[max(known, key=lambda name: known[name])]


def _foreign_script(answer: str, asked: str) -> bool:
    letters, known = _families(answer), _families(asked)
    if letters.total() < _ENOUGH_LETTERS or known.total() < _A_FEW_LETTERS:
        return False
    script, count = letters.most_common(1)[0]
    return count > _MOSTLY * letters.total() and known[script] <= _HARDLY * known.total()


def _foreign_words(answer: str, asked: str) -> bool:
    said, known = _shares(answer), _shares(asked)
    if not said or not known:
        return False
    best = max(said, key=lambda name: said[name])
    return said[best] >= _SPEAKS and known[best] < _SPEAKS_NOT and max(known.values()) >= SHARE


def _shares(text: str) -> dict[str, float]:
    """Language → share of words that are its small words; empty where there are too few words."""
    words = _WORD.findall(text)
    if len(words) < _ENOUGH_WORDS:
        return {}
    return {name: count / len(words) for name, count in _counts(words).items()}


def _counts(words: list[str]) -> Counter[str]:
    """Language → how many of the words are its small words; every language is named."""
    said = [word.casefold() for word in words]
    return Counter({name: sum(word in known for word in said) for name, known in _WORDS.items()})


def _families(text: str) -> Counter[str]:
    """Letters by script, where what is written next to Chinese characters counts as these."""
    families: Counter[str] = Counter()
    for script, count in _scripts(text).items():
        families["CJK" if script in _EAST_ASIAN else script] += count
    return families


def _scripts(text: str) -> Counter[str]:
    return Counter(_script(letter) for letter in text if letter.isalpha())


@cache
def _script(letter: str) -> str:
    """The first word of a letter's Unicode name: LATIN, CYRILLIC, CJK."""
    return unicodedata.name(letter, "UNKNOWN").partition(" ")[0]
