"""The local Jira takes the documents that Jira takes, and no others."""

from typing import Any

import pytest

from mendwheel.testing import adf


def paragraph(*content: Any) -> dict[str, Any]:
    return {"type": "paragraph", "content": list(content)}


def doc(*content: Any) -> dict[str, Any]:
    return {"type": "doc", "version": 1, "content": list(content)}


TEXT = {"type": "text", "text": "x"}
WRONG_DOCUMENTS = {
    "no version": {"type": "doc", "content": []},
    "empty text": doc(paragraph({"type": "text", "text": ""})),
    "text at the top": doc(TEXT),
    "heading without level": doc({"type": "heading", "content": [TEXT]}),
    "empty list": doc({"type": "bulletList", "content": []}),
    "text in an item": doc(
        {"type": "bulletList", "content": [{"type": "listItem", "content": [TEXT]}]}
    ),
    "heading in an item": doc(
        {
            "type": "bulletList",
            "content": [
                {
                    "type": "listItem",
                    "content": [{"type": "heading", "attrs": {"level": 1}, "content": [TEXT]}],
                }
            ],
        }
    ),
    "marks in code": doc(
        {"type": "codeBlock", "content": [{**TEXT, "marks": [{"type": "strong"}]}]}
    ),
    "code and strong": doc(paragraph({**TEXT, "marks": [{"type": "code"}, {"type": "strong"}]})),
    "link without target": doc(paragraph({**TEXT, "marks": [{"type": "link"}]})),
    "unknown node": doc({"type": "blink"}),
    "unknown panel": doc(
        {"type": "panel", "attrs": {"panelType": "loud"}, "content": [paragraph(TEXT)]}
    ),
}


@pytest.mark.parametrize("name", WRONG_DOCUMENTS)
def test_jira_refuses_documents_that_jira_refuses(name: str) -> None:
    assert adf.faults(WRONG_DOCUMENTS[name]) != []


def test_jira_takes_a_whole_document() -> None:
    cell = {"type": "tableCell", "content": [paragraph(TEXT)]}
    item = {"type": "listItem", "content": [paragraph(TEXT, {"type": "hardBreak"})]}
    code = {"type": "codeBlock", "attrs": {"language": "sh"}, "content": [TEXT]}
    link = {**TEXT, "marks": [{"type": "link", "attrs": {"href": "http://x"}}, {"type": "code"}]}
    whole = doc(
        {"type": "heading", "attrs": {"level": 2}, "content": [TEXT]},
        {"type": "bulletList", "content": [item]},
        {"type": "table", "content": [{"type": "tableRow", "content": [cell]}]},
        {"type": "panel", "attrs": {"panelType": "info"}, "content": [paragraph(link)]},
        *(code, {"type": "rule"}),
    )
    assert adf.faults(whole) == []
