"""Text as an eye takes it: letters of other scripts that look Latin, hidden and spread ones.

For matching only. What is not English stays what it is: few of its words are made of look-alikes
alone, and of those hardly one is an English word.
"""

import re
import unicodedata
from collections.abc import Iterable

# After Unicode's confusables.txt, cut down to single letters of scripts that keyboards have.
_LATIN = (
    # Cyrillic
    ("абвгеѕіјкмнопрстухьԁһԛԝѵӏ", "abbresijkmhonpctyxbdhqwvl"),
    ("АВЕЅІЈКМНОРСТУХЬԀҺԚԜѴӀ", "ABESIJKMHOPCTYXbDHQWVI"),
    # Greek
    ("αβγεηικνορςστυχωϳ", "abyenikvopcotuxwj"),
    ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧͿ", "ABEZHIKMNOPTYXJ"),
    # Armenian and Cherokee
    ("օոսհցզՕՍ", "onuhgqOU"),
    ("ᎪᏴᏟᎠᎬᎻᎫᏦᏞᎷᏢᏒᏚᎢᏙᎳᏃ", "ABCDEHJKLMPRSTVWZ"),
    # Latin letters that are not on every keyboard
    ("ıɑɡɩʋᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢøł", "iagivabcdefghijklmnoprstuvwyzol"),
)
_TABLE = str.maketrans(
    {odd: plain for odds, plains in _LATIN for odd, plain in zip(odds, plains, strict=True)}
)
_UNSEEN = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""Letters and signs without a picture."""
_DROPPED = ("Cf", "Mn", "Me")

_BETWEEN = r"[\s.,_*·•|/~+-]{1,3}"
_SPREAD = re.compile(rf"(?<!\w)[^\W\d_](?:{_BETWEEN}[^\W\d_](?!\w)){{7,}}")
"""Eight single letters or more in a row: no sentence has so many."""


def seen(text: str) -> str:
    """`text` in plain letters, without marks on them and without what is not displayed."""
    if text.isascii():
        return text
    plain = unicodedata.normalize("NFKD", text).translate(_TABLE)
    return "".join(letter for letter in plain if not _hidden(letter))


def gathered(text: str) -> list[str]:
    """Words that stand in `text` as `w o r d s`, one entry for each run of single letters.

    Where a wider gap divides the words they are divided by a blank, else not at all.
    """
    return [_words(found[0]) for found in _SPREAD.finditer(text)]


def _words(run: str) -> str:
    letters, gaps = run[0], re.findall(_BETWEEN, run)
    usual = _most(gaps)
    rest = re.split(_BETWEEN, run)[1:]
    return letters + "".join(
        f"{'' if gap == usual else ' '}{letter}" for gap, letter in zip(gaps, rest, strict=True)
    )


def _most(gaps: Iterable[str]) -> str:
    listed = list(gaps)
    return max(dict.fromkeys(listed), key=listed.count)


def _hidden(letter: str) -> bool:
    return letter in _UNSEEN or unicodedata.category(letter) in _DROPPED
