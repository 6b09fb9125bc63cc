"""Of a text that does not fit a prompt, the stretch about the question is shown."""

from hypothesis import example, given
from hypothesis import strategies as st

from mendwheel.gateway.excerpt import excerpt
from mendwheel.knowledge.terms import terms

FAQ = """## About us

We run the town's pools and halls, and have done so since the mill closed.

Q. Can I bring food into the gym?
A. No, only water.

Q. What does a locker cost?
A. It costs 2 dollars a day.
Ask at the desk for a key.

Q. Where can I park?
A. Behind the hall.
"""
LOCKER = set(terms("How much does a locker cost?"))


def test_the_part_about_the_question_is_shown_with_what_follows_it() -> None:
    assert excerpt(FAQ, LOCKER, 85).startswith("Q. What does a locker cost?\nA. It costs 2 dollars")


def test_a_text_that_fits_is_shown_as_it_is_and_one_about_something_else_from_its_beginning() -> (
    None
):
    assert excerpt(FAQ, LOCKER, 5000) == FAQ
    assert excerpt(FAQ, {"zebra"}, 20) == FAQ[:20]


def test_room_that_is_left_after_the_end_goes_to_what_stands_before() -> None:
    text = excerpt(FAQ, set(terms("Where can I park?")), 80)
    assert text.endswith("A. Behind the hall.")
    assert text.startswith("Ask at the desk")


@given(st.text(max_size=3000), st.sets(st.text(max_size=8)), st.integers(1, 900))
@example("locker " * 300, {"locker"}, 50)
def test_an_excerpt_is_never_longer_than_its_limit(text: str, asked: set[str], limit: int) -> None:
    assert len(excerpt(text, asked, limit)) <= limit
