"""Jira wiki markup to Markdown: the common part of it; the rest is read as it stands."""

import re

_CODE = re.compile(
    r"\{(?P<macro>code|noformat)(?::(?P<options>[^{}\n]*))?\}(?P<body>.*?)\{(?P=macro)\}", re.S
)
_QUOTE = re.compile(r"\{quote\}(?P<body>.*?)\{quote\}", re.S)
_PANEL = re.compile(
    r"\{(?P<kind>panel|info|note|warning|tip|expand)(?::(?P<options>[^{}\n]*))?\}"
    r"(?P<body>.*?)\{(?P=kind)\}",
    re.S,
)
_TITLE = re.compile(r"(?:^|\|)title=([^|]*)")
_COLOR = re.compile(r"(?<!\\)\{(?:color|anchor)(?::[^{}\\\n]*)?\}")
_BRACED = re.compile(r"(?<!\\)\{(?P<mark>[*_-])\}(?P<text>[^{}\n]+?)(?<!\\)\{(?P=mark)\}")
_MARKS = {"*": "**", "_": "*", "-": "~~"}
_HEADING = re.compile(r"^[ \t]*h([1-6])\.[ \t]+")
_BLOCK_QUOTE = re.compile(r"^[ \t]*bq\.[ \t]+", re.M)
_RULE = re.compile(r"^-{4,}[ \t]*$", re.M)
_ITEM = re.compile(r"^[ \t]*(?P<lead>[*#-]{1,9})[ \t]+(?=\S)")
_HEADER_ROW = re.compile(r"^[ \t]*\|\|(?P<cells>.*?)(?:\|\|)?[ \t]*$")
_LINK = re.compile(r"(?<!\\)\[(?:(?P<text>[^\[\]|\n]+)\|)?(?P<url>[^\[\]|\n\\]+)(?:\|[^\]\n]*)?\]")
_MENTION = re.compile(r"(?<!\\)\[~(?:accountid:)?(?P<who>[^\[\]\n]+)\]")
_IMAGE = re.compile(r"(?<![\w\\!])!(?P<name>[^\s!|][^!|\n]*)(?:\|[^!\n]*)?!(?!\w)")
_MONO = re.compile(r"(?<!\\)\{\{(?P<text>.{1,2000}?)(?<!\\)\}\}")
_STRONG = re.compile(r"(?<![\w\\*])\*(?=\S)(?P<text>[^*\n]+?)(?<=[^\s\\])\*(?![\w*])")
_EMPHASIS = re.compile(r"(?<![\w\\_])_(?=\S)(?P<text>[^_\n]+?)(?<=[^\s\\])_(?![\w_])")
_STRIKE = re.compile(r"(?<![\w\\-])-(?=[^\s-])(?P<text>[^\n-]+?)(?<=[^\s\\-])-(?![\w-])")
_ESCAPED = re.compile(r"\\([!-/:-@\[\]-`{-~])")
_ENTITY = re.compile(r"&#(\d{2,7});|&amp;")
_BREAK = re.compile(r"\\\\(?!\\)[ \t]*")
_URL = re.compile(r"\bhttps?://[^\s|\]}\0]+")
_KEPT = re.compile("\0(\\d+)\0")


def wiki_text(markup: str | None) -> str:
    """The Markdown of wiki markup; "" for None. Never raises."""
    if not markup:
        return ""
    kept: list[str] = []
    text = markup.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    text = _CODE.sub(lambda found: _keep(kept, _fence(found)), text)
    text = _MONO.sub(lambda found: _keep(kept, _span(found["text"])), text)
    text = _COLOR.sub("", text)
    text = _QUOTE.sub(lambda found: _quoted(found["body"]), text)
    text = _PANEL.sub(_panel, text)
    text = _BLOCK_QUOTE.sub("> ", _RULE.sub("---", text))
    text = _inline("\n".join(_line(line) for line in _tables(text.split("\n"))), kept)
    while "\0" in text:  # what is kept may hold what was kept before it
        text = _KEPT.sub(lambda found: kept[int(found[1])], text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _inline(text: str, kept: list[str]) -> str:
    text = _MENTION.sub(lambda found: f"@{found['who']}", text)
    text = _LINK.sub(lambda found: _keep(kept, _link(found)), text)
    text = _URL.sub(lambda found: _keep(kept, found[0]), text)
    text = _IMAGE.sub(lambda found: f"[file: {found['name']}]", text)
    for _ in _MARKS:  # inner marks first
        text = _BRACED.sub(lambda found: _braced(found, kept), text)
    text = _STRONG.sub(r"**\g<text>**", text)
    text = _EMPHASIS.sub(r"*\g<text>*", text)
    text = _STRIKE.sub(r"~~\g<text>~~", text)
    return _plain(_BREAK.sub("\n", text))


def _braced(found: re.Match[str], kept: list[str]) -> str:
    mark = _keep(kept, _MARKS[found["mark"]])
    return f"{mark}{found['text']}{mark}"


def _plain(text: str) -> str:
    """Without escapes: what a backslash or an entity stands for."""
    text = _ESCAPED.sub(r"\1", text)
    return _ENTITY.sub(_entity, text)


def _entity(found: re.Match[str]) -> str:
    if found[1] is None:
        return "&"
    number = int(found[1])
    return chr(number) if 32 <= number < 0xD800 else found[0]


def _keep(kept: list[str], text: str) -> str:
    """A place holder: what is code is not looked into again."""
    kept.append(text)
    return f"\0{len(kept) - 1}\0"


def _fence(found: re.Match[str]) -> str:
    options = (found["options"] or "").split("|")
    name = next((each for each in options if each.isalnum()), "")
    fence = "```"
    while fence in found["body"]:
        fence += "`"
    return f"\n{fence}{name}\n{found['body'].strip(chr(10))}\n{fence}\n"


def _span(text: str) -> str:
    text = _plain(text)
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def _quoted(text: str) -> str:
    lines = text.strip().split("\n")
    return "\n\n" + "\n".join(f"> {line}".rstrip() for line in lines) + "\n\n"


def _panel(found: re.Match[str]) -> str:
    title = _TITLE.search(found["options"] or "")
    lead = f"*{title[1].strip()}*\n\n" if title and title[1].strip() else ""
    return _quoted(lead + found["body"].strip())


def _line(line: str) -> str:
    heading = _HEADING.match(line)
    if heading:
        return f"{'#' * int(heading[1])} {line[heading.end() :]}"
    found = _ITEM.match(line)
    if found is None or (found["lead"] in "----" and len(found["lead"]) > 1):
        return line
    lead = found["lead"]
    mark = "1." if lead.endswith("#") else "-"
    return f"{'   ' * (len(lead) - 1)}{mark} {line[found.end() :]}"


def _tables(lines: list[str]) -> list[str]:
    """A header row gets the line under it that Markdown wants."""
    found: list[str] = []
    for line in lines:
        header = _HEADER_ROW.match(line)
        if header is None:
            found.append(line)
            continue
        cells = [cell.strip() for cell in header["cells"].split("||")]
        found += [f"| {' | '.join(cells)} |", "|" + " --- |" * len(cells)]
    return found


def _link(found: re.Match[str]) -> str:
    url = _plain(found["url"].strip())
    if not re.match(r"(?:https?|mailto|ftp|file):", url):
        return _plain(found[0])
    text = _plain((found["text"] or "").strip())
    return f"[{text}]({url})" if text and text != url else url
