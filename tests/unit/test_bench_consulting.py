"""The estimate for unseen questions is decided by fits that have not seen them."""

import pytest

from bench.consulting import Asked, _dealt
from bench.consulting_fit import WRONG, bar_of, chances, fitted


def test_fit_finds_what_tells_right_from_wrong() -> None:
    right = [number % 4 == 0 for number in range(80)]
    features = [(float(good) + (number % 3) / 3, 1.0) for number, good in enumerate(right)]
    found = chances(fitted(features, right), features)
    good = [chance for chance, is_right in zip(found, right, strict=True) if is_right]
    bad = [chance for chance, is_right in zip(found, right, strict=True) if not is_right]
    assert min(good) > max(bad) - 0.2
    assert sum(good) / len(good) > 2 * sum(bad) / len(bad)
    assert sum(found) / len(found) == pytest.approx(0.25, abs=0.02)


def test_bar_lets_no_more_wrong_answers_through_than_it_may() -> None:
    found = [number / 100 for number in range(100)]
    right = [number % 2 == 0 for number in range(100)]
    bar = bar_of(found, right, 100)
    wrong = sum(chance >= bar and not good for chance, good in zip(found, right, strict=True))
    assert wrong == round(WRONG * 100)


def test_nothing_is_answered_where_every_answer_would_be_wrong_at_once() -> None:
    assert bar_of([0.9], [False], 1) == 1.0


def test_questions_of_one_group_are_decided_together_and_each_once() -> None:
    asked = [
        Asked(
            {"id": f"s-{number}", "meta": {"group": number // 2}},
            (number % 5 / 5,),
            number % 5 > 2,
            True,
        )
        for number in range(40)
    ]
    answered = _dealt(asked, 4, deal=1)
    assert sorted(answered) == sorted(each.row["id"] for each in asked)
    assert 0 < sum(answered.values()) < len(asked)
