"""The page as one HTML file that needs nothing else and runs nothing."""

from html import escape

from markdown_it import MarkdownIt

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 78rem; padding: 0 1rem;
  color: #1c2733; background: #fff; }}
table {{ border-collapse: collapse; margin: 1rem 0; display: block; overflow-x: auto; }}
th, td {{ border-bottom: 1px solid #d8dee4; padding: .35rem .6rem; text-align: left;
  vertical-align: top; overflow-wrap: anywhere; min-width: 4rem; }}
th {{ background: #f3f5f7; }}
</style>
</head>
<body>
{body}</body>
</html>
"""


def as_html(markdown: str, title: str) -> str:
    """`markdown` as a whole page; HTML inside it is shown as text."""
    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(markdown)
    return _PAGE.format(title=escape(title), body=body)
