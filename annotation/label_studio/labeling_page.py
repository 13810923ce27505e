"""The page that coders tick codes on, as Label Studio's XML; and reading an answer from it.

No Django and no network here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args
from xml.sax.saxutils import quoteattr

Interface = Literal["list", "search"]

# Names of the controls of the page.
NOTE = "note"
CODES = "codes"
UNLISTED = "unlisted"
KEY_SINK = "keys"
CLOCK = "clock"
"""Hidden: the seconds worked on the note, as the guard's script measures them."""

NONE_ALIAS = "no-listed-code"
NONE_TITLE = "No listed code applies"
KEY_SINK_SIZE = 36
"""Label Studio gives the first 35 choices of a page a one-key shortcut, by which a coder could tick
a code unawares. So many hidden choices take them all."""
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LONGEST_SECONDS = 12 * 3600
"""Nobody works longer on a note: a session ends after that."""

STYLE = """
.cb-keys { display: none }
.cb-banner { background: #fff7e0; padding: 0 .5rem; margin-bottom: .5rem }
.cb-banner * { margin: 0 !important; font-size: 13px !important; color: #5c4400 !important }
.cb-row { display: flex; gap: 1rem; height: calc(100vh - 11rem); min-height: 26rem }
.cb-codes { flex: 0 0 44%; min-width: 22rem; display: flex; flex-direction: column; min-height: 0 }
.cb-list { flex: 1 1 auto; min-height: 0; overflow-y: auto; \
border: 1px solid #ccc; padding: .25rem }
.cb-list label, .cb-list .ant-checkbox-wrapper { font-size: 13px; line-height: 1.35 }
.cb-list div:has(> label) { margin: 0; padding: 0; content-visibility: auto; \
contain-intrinsic-size: auto 1.4rem }
.cb-list .ant-select { width: 100% !important; max-width: none !important }
.cb-note { flex: 1 1 auto; min-width: 20rem; overflow-y: auto; \
border: 1px solid #ccc; padding: .5rem }
"""

NO_CHAPTER = "Other codes"
PATH_SEPARATOR = " › "
"""Stands between chapter and code in the drop-down. Label Studio's own separator is a slash, which
a chapter's name may have in it."""


@dataclass(frozen=True)
class ListedCode:
    """A code as coders are offered it."""

    code: str
    title: str
    kind: str
    """Diagnosis ("dx") or procedure ("proc")."""
    chapter: str
    """Empty where the code system has no chapter for it."""

    @property
    def label(self) -> str:
        """What a coder reads and searches: the number, then the title."""
        return f"{self.code} {self.title}"


@dataclass(frozen=True)
class ParsedAnswer:
    """What a coder said of one note."""

    codes: tuple[str, ...]
    """The codes given, in the order of the answer, each once."""
    none_applies: bool
    """Whether "No listed code applies" was ticked."""
    unlisted: str
    """A needed code that is not listed, in the coder's own words; mostly empty."""
    active_seconds: float | None = None
    """Time as it was worked; None where the answer does not say, or says no time."""


def label_config(codes: Sequence[ListedCode], interface: str, banner: str = "") -> str:
    """The XML of a project's labeling page; `banner` stands above the note.

    The interface `list` is one scrolling list of check boxes with a filter above it, in the order
    of `codes`. `search` is a drop-down with a search field: first the chapters of diagnoses, then
    those of procedures, and in each chapter its codes in the order of `codes`.
    Raises ValueError for an unknown interface, for no codes, and for codes that Label Studio could
    not tell apart.
    """
    interfaces = get_args(Interface)
    if interface not in interfaces:
        raise ValueError(f"unknown interface {interface!r}: choose one of {', '.join(interfaces)}")
    if not codes:
        raise ValueError("a label config needs at least one code")
    if len({code.code for code in codes}) != len(codes):
        raise ValueError("a code is listed twice: give every code once")
    if len({code.label for code in codes}) != len(codes):
        raise ValueError("two codes read the same with their titles: change one of the titles")
    if interface == "list":
        chooser = _check_boxes(codes)
    else:
        chooser = _drop_down(codes)
    return "\n".join(_page(chooser, banner))


def parse_result(result: Sequence[Mapping[str, Any]]) -> ParsedAnswer:
    """Read the `result` of an annotation that was made with either interface.

    >>> ticks = {"from_name": "codes", "type": "choices", "value": {"choices": ["428.0", "V10.01"]}}
    >>> parse_result([ticks])
    ParsedAnswer(codes=('428.0', 'V10.01'), none_applies=False, unlisted='', active_seconds=None)
    """
    codes: dict[str, None] = {}  # a dict, for it keeps the order and has each code once
    none_applies = False
    unlisted = []
    active_seconds = None
    for region in result:
        control = region.get("from_name")
        value = region.get("value", {})
        if control == CODES:
            chosen = _chosen(value)
            codes.update(dict.fromkeys(chosen))
            none_applies = none_applies or NONE_ALIAS in chosen
        elif control == UNLISTED:
            for line in value.get("text", []):
                if line.strip():
                    unlisted.append(line.strip())
        elif control == CLOCK:
            active_seconds = _seconds(value.get("number"))
    codes.pop(NONE_ALIAS, None)
    return ParsedAnswer(tuple(codes), none_applies, "\n".join(unlisted), active_seconds)


def shown_text(text: str) -> str:
    """A note as Label Studio is given it: its page would break a line twice at CR LF.

    >>> shown_text("BUN  Cr\\r\\n 21 1.1\\r")
    'BUN  Cr\\n 21 1.1\\n'
    """
    return text.replace("\r\n", "\n").replace("\r", "\n")


def answer_result(
    codes: Sequence[str], unlisted: str = "", active_seconds: float | None = None
) -> list[dict[str, Any]]:
    """The `result` that the page with the interface `list` sends for these codes.

    No codes at all is "No listed code applies".
    """
    ticks = list(codes) or [NONE_ALIAS]
    regions: list[dict[str, Any]] = [_region(CODES, "choices", {"choices": ticks})]
    if unlisted:
        regions.append(_region(UNLISTED, "textarea", {"text": [unlisted]}))
    if active_seconds is not None:
        regions.append(_region(CLOCK, "number", {"number": active_seconds}))
    return regions


def _region(name: str, kind: str, value: dict[str, Any]) -> dict[str, Any]:
    return {"from_name": name, "to_name": NOTE, "type": kind, "origin": "manual", "value": value}


def _seconds(value: Any) -> float | None:
    """A time in seconds; None for a value that is none, or longer than a working day."""
    if type(value) not in (int, float):  # not bool either
        return None
    if 0 < value <= LONGEST_SECONDS:
        return float(value)
    return None


def _chosen(value: Mapping[str, Any]) -> list[str]:
    """The codes of a region's value: of check boxes, or of the drop-down, which gives paths."""
    codes = [str(code) for code in value.get("choices", [])]
    for path in value.get("taxonomy", []):
        if path:
            codes.append(str(path[-1]))
    return codes


def _page(chooser: Iterator[str], banner: str) -> Iterator[str]:
    """The lines of the page; `chooser` are those of the control that codes are chosen with."""
    yield "<View>"
    yield f"<Style>{STYLE}</Style>"
    yield f'<View className="cb-keys"><Choices name="{KEY_SINK}" toName="{NOTE}" choice="multiple">'
    for number in range(KEY_SINK_SIZE):
        yield f'<Choice value="key {number}"/>'
    yield f'</Choices><Number name="{CLOCK}" toName="{NOTE}"/></View>'
    if banner:
        yield f'<View className="cb-banner"><Header value={_quoted(banner)} size="5"/></View>'
    yield '<View className="cb-row"><View className="cb-codes">'
    yield from chooser
    yield (
        f'<TextArea name="{UNLISTED}" toName="{NOTE}" rows="1" maxSubmissions="1" editable="true"'
        ' placeholder="A needed code that is not listed (optional)"/>'
    )
    yield f'</View><View className="cb-note"><Text name="{NOTE}" value="$text"/></View></View>'
    yield "</View>"


def _check_boxes(codes: Sequence[ListedCode]) -> Iterator[str]:
    """The interface `list`: a filter, and a check box for each code."""
    yield (
        f'<Filter name="filter" toName="{CODES}" minlength="2"'
        ' placeholder="Filter by code or word"/>'
    )
    yield '<View className="cb-list">'
    yield (
        f'<Choices name="{CODES}" toName="{NOTE}"'
        ' choice="multiple" layout="vertical" required="true"'
        f' requiredMessage="Tick the codes of this note, or: {NONE_TITLE}">'
    )
    yield _choice(NONE_ALIAS, NONE_TITLE)
    for code in codes:
        yield _choice(code.code, code.label)
    yield "</Choices></View>"


def _drop_down(codes: Sequence[ListedCode]) -> Iterator[str]:
    """The interface `search`: a tree of chapters and their codes, with a search field."""
    yield '<View className="cb-list">'
    yield (
        f'<Taxonomy name="{CODES}" toName="{NOTE}"'
        ' leafsOnly="true" required="true" placeholder="Search the codes"'
        f' pathSeparator="{PATH_SEPARATOR}"'
        f' requiredMessage="Choose the codes of this note, or: {NONE_TITLE}">'
    )
    yield _choice(NONE_ALIAS, NONE_TITLE)
    for chapter, members in by_chapter(codes).items():
        yield f"<Choice value={_quoted(chapter)}>"
        for code in members:
            yield _choice(code.code, code.label)
        yield "</Choice>"
    yield "</Taxonomy></View>"


def by_chapter(codes: Sequence[ListedCode]) -> dict[str, list[ListedCode]]:
    """Chapter -> its codes in the order given; chapters of diagnoses come first.

    Each chapter is here once, whatever the order of `codes` (in code order the procedure 38.93
    stands between diagnoses): of two chapters of one name Label Studio shows only the first.
    """
    chapters: dict[str, list[ListedCode]] = {}
    for code in sorted(codes, key=lambda code: code.kind):  # "dx" before "proc"
        chapters.setdefault(code.chapter or NO_CHAPTER, []).append(code)
    return chapters


def _choice(alias: str, value: str) -> str:
    return f"<Choice alias={_quoted(alias)} value={_quoted(value)}/>"


def _quoted(text: str) -> str:
    """A value of an attribute; what XML cannot hold is shown as a mark.

    >>> _quoted("Left & right"), _quoted("a\x01b\uffffc") == '"a\ufffdb\ufffdc"'
    ('"Left &amp; right"', True)
    """
    return quoteattr(NOT_IN_XML.sub("\ufffd", text))
