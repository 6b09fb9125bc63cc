"""Names that must come out the same wherever and whenever they are made."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mendwheel.domain.ids import (
    EffectKey,
    arguments_digest,
    digest,
    free_text_keys,
    slug,
    ticket_id,
)

NOW = datetime(2026, 5, 4, 9, 3, tzinfo=UTC)


def test_a_ticket_has_one_id_whatever_channel_it_came_through() -> None:
    assert ticket_id("acme", "jira", "PROJ-123") == "mendwheel-acme-jira-PROJ-123"
    assert ticket_id("acme", "jira", "PROJ-123") != ticket_id("acme", "slack", "PROJ-123")


@given(st.text(min_size=1).filter(str.strip), st.text(min_size=1).filter(str.strip))
def test_an_id_is_safe_in_urls_and_different_keys_stay_different(one: str, two: str) -> None:
    first, second = ticket_id("t", "cli", one), ticket_id("t", "cli", two)
    assert re.fullmatch(r"[A-Za-z0-9_.-]{1,200}", first)
    assert (first == second) == (one == two)


@given(st.text(max_size=300), st.integers(20, 120))
def test_a_slug_keeps_to_its_limit(text: str, limit: int) -> None:
    assert len(slug(text, limit)) <= limit


@pytest.mark.parametrize("part", ["tenant", "system", "key"])
def test_an_id_without_a_part_is_refused_with_its_name(part: str) -> None:
    parts = {"tenant": "t", "system": "s", "key": "k"} | {part: "  "}
    with pytest.raises(ValueError, match=f"needs a {part}"):
        ticket_id(**parts)


def test_the_same_words_within_ten_minutes_are_one_ticket() -> None:
    now, _ = free_text_keys("C1", "mary", "It  is\nBROKEN", NOW)
    later, before = free_text_keys("C1", "mary", "it is broken", NOW + timedelta(minutes=9))
    assert now in (later, before)
    hour, earlier = free_text_keys("C1", "mary", "it is broken", NOW + timedelta(hours=1))
    assert now not in (hour, earlier)


@pytest.mark.parametrize(
    ("place", "author", "text"),
    [("C2", "mary", "broken"), ("C1", "tom", "broken"), ("C1", "mary", "fixed")],
)
def test_other_places_people_and_words_are_other_tickets(
    place: str, author: str, text: str
) -> None:
    known = set(free_text_keys("C1", "mary", "broken", NOW))
    assert not known & set(free_text_keys(place, author, text, NOW))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), json_values, max_size=4))
def test_a_digest_does_not_depend_on_the_order_of_keys(value: dict[str, object]) -> None:
    turned = dict(reversed(value.items()))
    assert digest(value) == digest(turned)
    assert re.fullmatch(r"[0-9a-f]{64}", digest(value))


def test_a_digest_tells_meanings_apart() -> None:
    different = [1, "1", True, None, [], {}, [1], {"a": 1}, "\ud800"]
    assert len({digest(value) for value in different}) == len(different)
    assert arguments_digest("a", {"x": 1}) != arguments_digest("b", {"x": 1})


def test_an_effect_key_names_ticket_round_step_and_target() -> None:
    key = EffectKey(ticket_id="t", round=2, step="remedy", target="restart")
    assert str(key) == "t/2/remedy/restart"
    assert key == EffectKey(ticket_id="t", round=2, step="remedy", target="restart")
    assert len({key, key.model_copy(update={"round": 3})}) == 2
