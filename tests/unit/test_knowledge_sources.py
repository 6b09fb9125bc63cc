"""What can be read becomes documents; what cannot is named, and never stops the rest."""

from pathlib import Path

import pytest

from mendwheel.domain.knowledge import Document
from mendwheel.knowledge.parse import Malformed, html, markdown, row
from mendwheel.knowledge.sources import Problem, read_documents


def _read(path: Path) -> tuple[list[Document], list[Problem]]:
    read = list(read_documents(path))
    documents = [item for item in read if isinstance(item, Document)]
    return documents, [item for item in read if isinstance(item, Problem)]


def test_front_matter_says_what_a_runbook_is_for() -> None:
    text = (
        "---\ntitle: Disk is full\nkind: runbook\ncomponent: mail-store\nremedy: free_space\n"
        "labels: [ops, 'on-call']\ncolour: blue\n---\n\n# Something else\n\nDelete old mail.\n"
    )
    document = markdown(text, "runbooks/disk.md")
    assert (document.id, document.title, document.kind) == (
        "runbooks/disk.md",
        "Disk is full",
        "runbook",
    )
    assert (document.component, document.remedy) == ("mail-store", "free_space")
    assert document.labels == ["ops", "on-call"]
    assert "colour" not in document.body


def test_document_without_front_matter_takes_its_first_heading_as_title() -> None:
    assert markdown("# Moving house\n\nTell us first.", "a.md").title == "Moving house"
    assert markdown("Tell us first.", "guides/moving_house.md").title == "moving house.md"


def test_html_keeps_headings_lists_and_code_and_drops_menus() -> None:
    page = (
        "<html><head><title>Parking</title><style>p{}</style></head><body><nav>Home</nav>"
        "<h2>Permits</h2><p>Ask the <b>desk</b>.</p><ol><li>Fill in<li>Sign</ol>"
        "<pre>park --now</pre><table><tr><th>Zone</th><td>A</td></tr></table></body></html>"
    )
    document = html(page, "p.html")
    assert document.title == "Parking"
    assert "## Permits" in document.body
    assert "Ask the desk." in document.body
    assert "1. Fill in" in document.body
    assert "```\npark --now\n```" in document.body
    assert "Zone | A" in document.body
    assert "Home" not in document.body


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{not json", "not JSON"),
        ("[1, 2]", "not a JSON object"),
        ('{"id": "a", "title": "b"}', "`body` is missing"),
        ('{"id": 7, "title": "b", "body": "c"}', "`id` is missing"),
        ('{"id": "a", "title": "b", "body": "  "}', "empty"),
        ('{"id": "a", "title": "b", "body": "c", "labels": "ops"}', "`labels`"),
    ],
)
def test_malformed_row_says_what_is_wrong(line: str, complaint: str) -> None:
    with pytest.raises(Malformed, match=complaint):
        row(line)


def test_one_broken_line_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    good = '{"id": "%s", "title": "t", "body": "b", "kind": "runbook"}'
    file.write_text(f"{good % 'a'}\n{{oops\n\n{good % 'c'}\n")
    documents, problems = _read(file)
    assert [document.id for document in documents] == ["a", "c"]
    assert documents[0].kind == "runbook"
    assert [(problem.path, problem.line) for problem in problems] == [(str(file), 2)]


def test_folder_reads_what_it_can_and_reports_the_rest(tmp_path: Path) -> None:
    (tmp_path / "guides").mkdir()
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "secret.md").write_text("# hidden")
    (tmp_path / "guides" / "a.md").write_text("# A\n\nText.")
    (tmp_path / "b.html").write_text("<h1>B</h1><p>Text.</p>")
    (tmp_path / "empty.md").write_text("")
    (tmp_path / "binary.txt").write_bytes(b"ab\x00cd")
    (tmp_path / "latin.md").write_bytes("schön".encode("latin-1"))
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    documents, problems = _read(tmp_path)
    assert sorted(document.id for document in documents) == ["b.html", "guides/a.md"]
    named = {Path(problem.path).name for problem in problems}
    assert named == {"empty.md", "binary.txt", "latin.md", "picture.png"}


def test_empty_folder_is_a_problem_and_a_missing_one_an_error(tmp_path: Path) -> None:
    assert [problem.what for problem in _read(tmp_path)[1]] == ["the folder holds no files"]
    with pytest.raises(FileNotFoundError, match=r"nowhere does not exist: give a folder"):
        read_documents(tmp_path / "nowhere")
