"""Markdown to wiki markup and back to text: what others wrote shows and does nothing."""

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from mendwheel.integrations.jira.markdown import blocks, coded, escaped, fenced, linked
from mendwheel.integrations.jira.marker import Mark, marked
from mendwheel.integrations.jira.wiki import wiki
from mendwheel.integrations.jira.wiki_escape import escaped as wiki_escaped
from mendwheel.integrations.jira.wiki_text import wiki_text

WORDS = st.text(
    alphabet=st.sampled_from(list("ab1 {}[]*_-|!?^~+()#@\\:/.&;<>`=")), min_size=0, max_size=40
)


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("{color:red}x{color}", r"\{color:red\}x\{color\}"),
        ("[~bob] [a|http://x]", r"\[\~bob\] \[a\|http&#58;//x\]"),
        ("*x* _y_ -z- a_b a-b", r"\*x\* \_y\_ \-z\- a_b a-b"),
        (":) (y) :D :P2", r":\) \(y\) &#58;D :P2"),
        ("C:\\dir\\\\x", "C:&#92;dir&#92;&#92;x"),
        ("h1. no heading", "h1&#46; no heading"),
        ("bq. no quote", "bq&#46; no quote"),
        ("!picture.png! ||x||", r"\!picture.png\! \|\|x\|\|"),
        ("# one", r"\# one"),
        ("&#42; & &amp;", "&amp;#42; & &amp;amp;"),
        ("mailto:a@b.c", r"mailto&#58;a@b.c"),
    ],
)
def test_markup_that_others_wrote_is_shown_and_not_carried_out(text: str, markup: str) -> None:
    assert wiki_escaped(text) == markup


@hypothesis(max_examples=200, deadline=None)
@given(WORDS)
def test_data_says_in_jira_exactly_what_it_says(text: str) -> None:
    shown = " ".join(text.split())
    assert wiki_text(wiki(escaped(text))) == shown


@hypothesis(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_any_wiki_markup_is_read_without_failing(markup: str) -> None:
    assert isinstance(wiki_text(markup), str)


@hypothesis(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=200), WORDS))
def test_any_markdown_keeps_its_mark_in_wiki_markup(markdown: str) -> None:
    mark = Mark(key="mendwheel-a_b1-jira-PROJ-7/0/card/jira:PROJ-7", part=1, of=2)
    assert marked(wiki_text(wiki(markdown, closing=mark.line)), None) == mark


@pytest.mark.parametrize(
    "hostile", ["{{a" * 11_000, "{quote}" * 4_681, "[" * 32_000, "*a" * 16_000]
)
def test_markup_made_to_be_slow_is_read_in_time(hostile: str) -> None:
    assert wiki_text(hostile)


def test_each_markdown_block_has_its_markup() -> None:
    text = (
        "## Found *it*\n\n- one\n  1. two\n\n  more\n\n> [!WARNING]\n> careful\n\n> said\n\n"
        "| a | b |\n|---|---|\n| 1 |  |\n\n---\n\n"
        "[run **x**](https://t.example/a|b) ~~gone~~ `x*y`  \nnext"
    )
    assert wiki(text) == (
        "h2. Found {_}it{_}\n\n* one \\\\ more\n*# two\n\n{warning}\ncareful\n{warning}\n\n"
        "{quote}\nsaid\n{quote}\n\n||a||b||\n|1| |\n\n----\n\n"
        "[run {*}x{*}|https://t.example/a%7Cb] {-}gone{-} {{x\\*y}} \\\\ next"
    )


def test_code_cannot_close_its_own_macro() -> None:
    assert wiki("```py\n{code} *x*\n```").count("{code}") == 1
    assert wiki("```\n{noformat}\n```").count("{noformat}") == 2
    assert wiki_text(wiki("```py\nx = {}\n```")) == "```python\nx = {}\n```"


def test_a_language_that_jira_does_not_know_shows_no_error_box() -> None:
    assert wiki("```promql\nup\n```") == "{noformat}\nup\n{noformat}"


def test_only_named_people_are_called() -> None:
    assert wiki("look", mention=["bob", "x] [~all"]) == "[~bob] [~x~all]\n\nlook"


def test_common_markup_is_read_as_markdown() -> None:
    markup = (
        "h2. Steps\r\n*bold* _em_ -gone- {{x}} [docs|https://d.example/a_b_c]\n"
        "[~ann] !shot.png|thumb!\n"
        "* one\n** two\n# first\n||a||b||\n|1|2|\n"
        "{code:sql|title=q}\nselect *\n{code}\n{panel:title=Note}inside{panel}\n"
        "bq. said\n----\n{color:red}red{color} a\\*b \\\\ https://x.example/_y_"
    )
    assert wiki_text(markup) == (
        "## Steps\n**bold** *em* ~~gone~~ `x` [docs](https://d.example/a_b_c)\n"
        "@ann [file: shot.png]\n"
        "- one\n   - two\n1. first\n| a | b |\n| --- | --- |\n|1|2|\n\n"
        "```sql\nselect *\n```\n\n> **Note**\n>\n> inside\n\n"
        "> said\n---\nred a*b \nhttps://x.example/_y_"
    )


def test_nothing_is_an_empty_text() -> None:
    assert wiki_text(None) == ""
    assert wiki_text("") == ""


@hypothesis(max_examples=100, deadline=None)
@given(st.one_of(st.text(max_size=60), st.text(alphabet="`a\n~", max_size=30)))
def test_data_in_markdown_never_ends_its_quotation(text: str) -> None:
    block, after = blocks(f"{fenced(text, 'json')}\n\nafter")
    assert block[2] == "fence"
    assert after[2] == "paragraph"
    assert "\n" not in escaped(text) + coded(text)


def test_links_only_lead_to_the_web() -> None:
    assert linked("x", "javascript:alert(1)") == "x"
    assert linked("x", None) == "x"
    assert linked("a]b", "https://e.example/<>") == r"[a\]b](<https://e.example/%3C%3E>)"
