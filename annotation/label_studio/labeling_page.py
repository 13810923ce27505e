"""The labeling page of Label Studio as XML, and what a coder's answer from that page says. No Django, no network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args
from xml.sax.saxutils import quoteattr

Interface = Literal["list", "search"]

NOTE, CODES, UNLISTED, KEY_SINK = "note", "codes", "unlisted", "keys"
NONE_ALIAS = "no-listed-code"
NONE_TITLE = "No listed code applies"
# Label Studio gives the first 35 choices of a page a one-key shortcut; that many dummies and one more take them all.
KEY_SINK_SIZE = 36

STYLE = """
.cb-keys { display: none }
.cb-banner { background: #fff7e0; padding: 0 .5rem; margin-bottom: .5rem }
.cb-banner * { margin: 0 !important; font-size: 13px !important; color: #5c4400 !important }
.cb-row { display: flex; gap: 1rem; height: calc(100vh - 11rem); min-height: 26rem }
.cb-codes { flex: 0 0 44%; min-width: 22rem; display: flex; flex-direction: column; min-height: 0 }
.cb-list { flex: 1 1 auto; min-height: 0; overflow-y: auto; border: 1px solid #ccc; padding: .25rem }
.cb-list label, .cb-list .ant-checkbox-wrapper { font-size: 13px; line-height: 1.35 }
.cb-list div:has(> label) { margin: 0; padding: 0; content-visibility: auto; contain-intrinsic-size: auto 1.4rem }
.cb-list .ant-select { width: 100% !important; max-width: none !important }
.cb-note { flex: 1 1 auto; min-width: 20rem; overflow-y: auto; border: 1px solid #ccc; padding: .5rem }
"""


NO_CHAPTER = "Other codes"
# Between the names of a path in the drop-down. Label Studio's own is a slash, which a chapter's name may hold.
PATH_SEPARATOR = " › "


@dataclass(frozen=True)
class ListedCode:
    """A code as coders are offered it. kind: "dx" or "proc"; chapter: "" where the code system has none."""

    code: str
    title: str
    kind: str
    chapter: str

    @property
    def label(self) -> str:
        """What a coder reads and searches: the number, then the title."""
        return f"{self.code} {self.title}"


@dataclass(frozen=True)
class ParsedAnswer:
    """What a coder said of one note.

    codes: the codes given, in the order of the answer, each once; none_applies: "No listed code applies" was ticked;
    unlisted: a needed code that is not listed, in the coder's own words, or "".
    """

    codes: tuple[str, ...]
    none_applies: bool
    unlisted: str


def label_config(codes: Sequence[ListedCode], interface: str, banner: str = "") -> str:
    """XML of a project's labeling page; `banner` stands above the note.

    `list` is a filter over one scrolling list of check boxes, in the order given. `search` is a drop-down with a search
    field: the chapters of diagnoses, then those of procedures, and in each chapter its codes in the order given.
    Raises ValueError for an unknown interface, no codes, or codes that Label Studio could not tell apart.
    """
    if interface not in get_args(Interface):
        raise ValueError(
            f"unknown interface {interface!r}: choose one of {', '.join(get_args(Interface))}"
        )
    if not codes:
        raise ValueError("a label config needs at least one code")
    if len({code.code for code in codes}) != len(codes):
        raise ValueError("a code is listed twice: give every code once")
    if len({code.label for code in codes}) != len(codes):
        raise ValueError("two codes read the same with their titles: change one of the titles")
    chooser = _check_boxes(codes) if interface == "list" else _drop_down(codes)
    return "\n".join(_page(chooser, banner))


def parse_result(result: Sequence[Mapping[str, Any]]) -> ParsedAnswer:
    """Read the `result` of a Label Studio annotation made with either interface; the key sink's part is dropped.

    >>> parse_result([{"from_name": "codes", "type": "choices", "value": {"choices": ["428.0", "V10.01"]}}])
    ParsedAnswer(codes=('428.0', 'V10.01'), none_applies=False, unlisted='')
    """
    given = [
        code for region in result if region.get("from_name") == CODES for code in _chosen(region)
    ]
    words = [
        line
        for region in result
        if region.get("from_name") == UNLISTED
        for line in region["value"].get("text", [])
    ]
    return ParsedAnswer(
        codes=tuple(dict.fromkeys(code for code in given if code != NONE_ALIAS)),
        none_applies=NONE_ALIAS in given,
        unlisted="\n".join(line.strip() for line in words if line.strip()),
    )


def shown_text(text: str) -> str:
    """A note as Label Studio must be given it: its page breaks the line at each CR and at each LF.

    >>> shown_text("BUN  Cr\\r\\n 21 1.1\\r")
    'BUN  Cr\\n 21 1.1\\n'
    """
    return text.replace("\r\n", "\n").replace("\r", "\n")


def answer_result(codes: Sequence[str], unlisted: str = "") -> list[dict[str, Any]]:
    """The `result` that the page with the interface `list` sends for these codes; none is "No listed code applies"."""
    ticks = list(codes) or [NONE_ALIAS]
    regions: list[dict[str, Any]] = [_region(CODES, "choices", {"choices": ticks})]
    if unlisted:
        regions.append(_region(UNLISTED, "textarea", {"text": [unlisted]}))
    return regions


def _region(name: str, kind: str, value: dict[str, Any]) -> dict[str, Any]:
    return {"from_name": name, "to_name": NOTE, "type": kind, "origin": "manual", "value": value}


def _chosen(region: Mapping[str, Any]) -> list[str]:
    value = region["value"]
    return [str(code) for code in value.get("choices", [])] + [
        str(path[-1]) for path in value.get("taxonomy", [])
    ]


def _page(chooser: Iterator[str], banner: str) -> Iterator[str]:
    yield "<View>"
    yield f"<Style>{STYLE}</Style>"
    yield f'<View className="cb-keys"><Choices name="{KEY_SINK}" toName="{NOTE}" choice="multiple">'
    yield from (f'<Choice value="key {n}"/>' for n in range(KEY_SINK_SIZE))
    yield "</Choices></View>"
    if banner:
        yield f'<View className="cb-banner"><Header value={quoteattr(banner)} size="5"/></View>'
    yield '<View className="cb-row"><View className="cb-codes">'
    yield from chooser
    yield (
        f'<TextArea name="{UNLISTED}" toName="{NOTE}" rows="1" maxSubmissions="1" editable="true"'
        ' placeholder="A needed code that is not listed (optional)"/>'
    )
    yield f'</View><View className="cb-note"><Text name="{NOTE}" value="$text"/></View></View>'
    yield "</View>"


def _check_boxes(codes: Sequence[ListedCode]) -> Iterator[str]:
    yield f'<Filter name="filter" toName="{CODES}" minlength="2" placeholder="Filter by code or word"/>'
    yield '<View className="cb-list">'
    yield (
        f'<Choices name="{CODES}" toName="{NOTE}" choice="multiple" layout="vertical" required="true"'
        f' requiredMessage="Tick the codes of this note, or: {NONE_TITLE}">'
    )
    yield _choice(NONE_ALIAS, NONE_TITLE)
    for code in codes:
        yield _choice(code.code, code.label)
    yield "</Choices></View>"


def _drop_down(codes: Sequence[ListedCode]) -> Iterator[str]:
    yield '<View className="cb-list">'
    yield (
        f'<Taxonomy name="{CODES}" toName="{NOTE}" leafsOnly="true" required="true" placeholder="Search the codes"'
        f' pathSeparator="{PATH_SEPARATOR}"'
        f' requiredMessage="Choose the codes of this note, or: {NONE_TITLE}">'
    )
    yield _choice(NONE_ALIAS, NONE_TITLE)
    for chapter, members in by_chapter(codes).items():
        yield f"<Choice value={quoteattr(chapter)}>"
        for code in members:
            yield _choice(code.code, code.label)
        yield "</Choice>"
    yield "</Taxonomy></View>"


def by_chapter(codes: Sequence[ListedCode]) -> dict[str, list[ListedCode]]:
    """The codes of each chapter, diagnoses first. Label Studio shows only the first of two chapters of one name, so
    each name is here once, whatever the order of `codes`: in code order 38.93 stands between diagnoses."""
    chapters: dict[str, list[ListedCode]] = {}
    for code in sorted(
        codes, key=lambda code: code.kind
    ):  # "dx" before "proc"; otherwise the order given
        chapters.setdefault(code.chapter or NO_CHAPTER, []).append(code)
    return chapters


def _choice(alias: str, value: str) -> str:
    return f"<Choice alias={quoteattr(alias)} value={quoteattr(value)}/>"
