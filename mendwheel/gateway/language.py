"""Does an answer speak a language that nobody used who asked? Sure signs only: script, small words.

A model that answers a German question in Chinese helps nobody. One that quotes an English document
to a German does, so the languages of the evidence are as good as the reporter's.
"""

import re
import unicodedata
from collections import Counter
from functools import cache

_WORD = re.compile(r"[^\W\d_]+")
_SMALL = {
    "en": "the of and to is that for with this are not be you it was from have or which when",
    "de": "der die das und ist nicht ein eine zu den mit von sich auf werden wird oder wenn auch",
    "fr": "le les des et est une pour dans que qui pas sur vous avec sont cette ou mais du aux",
    "es": "el los las una para que por con del está son esta puede como pero más su se al",
    "it": "il gli della è una per che con non sono del questo dei nel alla può come più si anche",
    "pt": "os uma para que não com do da em são é este pode como mais ao pelo dos das foi",
    "nl": "het een van en is niet dat voor met zijn op te deze wordt als maar ook aan bij dit",
}
_WORDS = {language: frozenset(words.split()) for language, words in _SMALL.items()}

_ENOUGH_LETTERS = 30
_A_FEW_LETTERS = 12
_ENOUGH_WORDS = 12
_MOSTLY = 0.5
_HARDLY = 0.02
_SPEAKS = 0.15
_SPEAKS_NOT = 0.05


def foreign(answer: str, asked: str) -> bool:
    """Whether `answer` is surely in a language that `asked` (report and evidence) does not use."""
    return _foreign_script(answer, asked) or _foreign_words(answer, asked)


def _foreign_script(answer: str, asked: str) -> bool:
    letters = _scripts(answer)
    known = _scripts(asked)
    if letters.total() < _ENOUGH_LETTERS or known.total() < _A_FEW_LETTERS:
        return False
    script, count = letters.most_common(1)[0]
    return count > _MOSTLY * letters.total() and known[script] <= _HARDLY * known.total()


def _foreign_words(answer: str, asked: str) -> bool:
    said, known = _shares(answer), _shares(asked)
    if not said or not known:
        return False
    language = max(said, key=lambda name: said[name])
    return said[language] >= _SPEAKS and known[language] < _SPEAKS_NOT <= max(known.values())


def _shares(text: str) -> dict[str, float]:
    """Language → share of words that are its small words; empty where there are too few words."""
    words = [word.lower() for word in _WORD.findall(text)]
    if len(words) < _ENOUGH_WORDS:
        return {}
    return {
        language: sum(word in small for word in words) / len(words)
        for language, small in _WORDS.items()
    }


def _scripts(text: str) -> Counter[str]:
    return Counter(_script(letter) for letter in text if letter.isalpha())


@cache
def _script(letter: str) -> str:
    """The first word of a letter's Unicode name: LATIN, CYRILLIC, CJK; Japanese counts as CJK."""
    name = unicodedata.name(letter, "UNKNOWN").partition(" ")[0]
    return "CJK" if name in ("HIRAGANA", "KATAKANA", "HANGUL") else name
