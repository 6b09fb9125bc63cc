"""A language is told on sure signs, and an answer in one that nobody used is noticed."""

import pytest

from mendwheel.agents.language import foreign, language

ENGLISH = "How long does it take until the export of a project is done and who is told about it?"
GERMAN = "Wie lange dauert es, bis der Export von einem Projekt fertig ist und wer wird informiert?"
IN_GERMAN = "Der Export ist nach zehn Minuten fertig, und alle im Projekt werden informiert."
IN_SPANISH = "La exportación de los datos está lista en diez minutos y se avisa a los usuarios del."
IN_RUSSIAN = "Экспорт проекта готов через десять минут, и его участники получают сообщение об этом."
CODE = "kubectl -n shop rollout restart deployment/api && kubectl get pods --watch -o wide --all"
TELEMETRY = (
    """timestamp,node,os.cpu,mem_se,z-score
12:01,node-e-1,1.2e-05,3.4e+02,0.1
12:02,node-e-2,1.3e-05,3.1e+02,0.3 up
"""
    * 20
)
LINK_IN_ENGLISH = "How many hours does the download link of an export work before it expires?"
LINK_IN_GERMAN = (
    "Der Link eines Exports ist 72 Stunden gültig, danach läuft er ab und wird gelöscht."
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (LINK_IN_ENGLISH, "en"),
        (LINK_IN_GERMAN, "de"),
        ("Le lien est valable pour 72 heures et il ne fonctionne pas après.", "fr"),
        ("El enlace funciona durante 72 horas y después ya no es válido para nadie.", "es"),
        ("Ссылка действует 72 часа.", "ru"),
        ("リンクは72時間有効です。", "ja"),
        ("链接有效期为七十二小时", "zh"),
        ("kubectl get pods --all", None),
        ("`the of and to in is` 503", None),
        ("the of and der die das", None),
        ("", None),
    ],
)
def test_a_language_is_told_from_its_commonest_words_or_not_at_all(
    text: str, code: str | None
) -> None:
    assert language(text) == code


@pytest.mark.parametrize(
    ("answer", "asked"),
    [(IN_GERMAN, ENGLISH), (IN_SPANISH, GERMAN), (IN_RUSSIAN, ENGLISH), (ENGLISH, IN_RUSSIAN * 2)],
)
def test_answer_in_a_language_nobody_used_is_noticed(answer: str, asked: str) -> None:
    assert foreign(answer, asked)


@pytest.mark.parametrize(
    ("answer", "asked"),
    [
        (IN_GERMAN, GERMAN),
        (IN_GERMAN, f"{ENGLISH} {GERMAN}"),
        (IN_RUSSIAN, f"{ENGLISH} {IN_RUSSIAN}"),
        (CODE, ENGLISH),
        (ENGLISH, CODE),
        (ENGLISH, f"Shop degraded since 12:01\n{TELEMETRY}"),
        ("Ja, nach zehn Minuten.", ENGLISH),
        ("", ENGLISH),
        (ENGLISH, ""),
    ],
)
def test_answer_is_not_called_foreign_without_a_sure_sign(answer: str, asked: str) -> None:
    assert not foreign(answer, asked)
