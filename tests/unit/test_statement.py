"""What counts as one SELECT, and what a setting may not say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mendwheel.domain.statement import one_select, parameters


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1",
        "  select a from b where c = ';' ; ",
        "WITH x AS (SELECT 1) SELECT * FROM x",
        "-- update nothing\nSELECT 1",
        "SELECT replace(a, 'drop', '') AS \"update\" FROM b /* ; delete */",
        "SELECT a::text FROM b WHERE c = :component",
    ],
)
def test_one_select_is_taken(text: str) -> None:
    assert not one_select(text).endswith(";")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "must begin with SELECT"),
        ("DELETE FROM a", "must begin with SELECT"),
        ("EXPLAIN SELECT 1", "must begin with SELECT"),
        ("SELECT 1; DROP TABLE a", "more than one statement"),
        ("WITH x AS (SELECT 1) DELETE FROM a", "holds the word delete"),
        ("SELECT * INTO copy FROM a", "holds the word into"),
        ("SELECT a FROM b FOR UPDATE", "holds the word update"),
        ("SELECT :componet", "binds :componet"),
    ],
)
def test_anything_else_is_refused_with_the_reason(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        one_select(text)


@given(st.text(alphabet="ab;:'\"-/* \n", max_size=30))
def test_what_stands_in_quotes_never_counts(inner: str) -> None:
    quoted = inner.replace("'", "''")
    assert one_select(f"SELECT '{quoted}' AS a") == f"SELECT '{quoted}' AS a"
    assert list(parameters(f"SELECT '{quoted}'")) == []
