"""The labeling page: XML that says what it should, and answers read as the page sends them."""

from __future__ import annotations

import random
from dataclasses import replace
from math import inf, nan
from xml.etree import ElementTree

import pytest
from hypothesis import strategies as st

from annotation.label_studio.answers import answer_from, believable
from annotation.label_studio.labeling_page import (
    KEY_SINK_SIZE,
    NONE_ALIAS,
    Interface,
    ListedCode,
    ParsedAnswer,
    answer_result,
    label_config,
    parse_result,
)
from icd.tables import read_icd9_tables
from tests.generated import given
from tests.label_studio.conftest import listed

TABLE = {row.code: row for row in read_icd9_tables()}
ODD_TITLES = {"428.0": 'Failure, "left" & <right>'}
CODES = [
    replace(listed([TABLE[code]])[0], title=ODD_TITLES.get(code, TABLE[code].long))
    for code in ("038.9", "428.0", "38.93", "V10.01")
]
CONTROL = ["Cs", "Cc"]
NO_CHARACTERS = "\ufffe\uffff"
TEXT = st.text(
    st.characters(exclude_categories=CONTROL, exclude_characters=NO_CHARACTERS), min_size=1
).map(lambda text: f"c{text}")
ANY_CODE = st.builds(
    ListedCode,
    code=TEXT,
    title=TEXT,
    kind=st.sampled_from(["dx", "proc"]),
    chapter=st.sampled_from(["", "A / B", "Ears", "Eyes", 'Left & "right"']),
)
ANY_CODES = st.lists(
    ANY_CODE, min_size=1, max_size=12, unique_by=(lambda each: each.code, lambda each: each.label)
)


def choices_of(config: str, name: str = "codes") -> list[tuple[str | None, str | None]]:
    root = ElementTree.fromstring(config)
    chooser = next(tag for tag in root.iter() if tag.get("name") == name)
    return [(tag.get("alias"), tag.get("value")) for tag in chooser.iter("Choice") if len(tag) == 0]


def region(name: str, kind: str, **value: object) -> dict[str, object]:
    return {
        "id": "x",
        "from_name": name,
        "to_name": "note",
        "type": kind,
        "origin": "manual",
        "value": value,
    }


def test_the_list_has_no_listed_code_first_and_every_code_in_order() -> None:
    first, *rest = choices_of(label_config(CODES, "list"))
    assert first == (NONE_ALIAS, "No listed code applies")
    assert rest == [(code.code, code.label) for code in CODES]


@pytest.mark.parametrize("character", ["\x01", "\x1f", *NO_CHARACTERS])
def test_what_xml_cannot_hold_is_shown_as_a_mark(character: str) -> None:
    code = replace(CODES[0], title=f"Sepsis{character}, unspecified")
    assert choices_of(label_config([code], "list"))[1] == (
        "038.9",
        code.label.replace(character, "\ufffd"),
    )


@pytest.mark.parametrize("interface", ["list", "search"])
@given(codes=ANY_CODES)
def test_every_code_of_any_list_can_be_reached(
    interface: Interface, codes: list[ListedCode]
) -> None:
    every_code_can_be_reached(codes, interface)


@pytest.mark.parametrize("interface", ["list", "search"])
@pytest.mark.parametrize("size", [4_075, None])
def test_every_code_of_a_long_list_can_be_reached(interface: Interface, size: int | None) -> None:
    """With as many codes as the study's shortlist has, and with all codes.

    They are drawn from both kinds and in code order, as shortlists are.
    """
    rows = read_icd9_tables()
    drawn = random.Random(1).sample(rows, size or len(rows))
    every_code_can_be_reached(listed(sorted(drawn, key=lambda row: row.code)), interface)


def every_code_can_be_reached(codes: list[ListedCode], interface: Interface) -> None:
    """Label Studio drops the second of two siblings of one name, with all that is under it."""
    config = label_config(codes, interface)
    first, *rest = choices_of(config)
    assert first[0] == NONE_ALIAS
    assert sorted(rest) == sorted((code.code, code.label) for code in codes)
    for chooser in ElementTree.fromstring(config).iter():
        siblings = [tag.get("value") for tag in chooser if tag.tag == "Choice"]
        assert len(siblings) == len(set(siblings))


@given(codes=ANY_CODES)
def test_search_has_each_chapter_once_with_its_codes_in_the_order_given(
    codes: list[ListedCode],
) -> None:
    root = ElementTree.fromstring(label_config(codes, "search"))
    found = {
        tag.get("value"): [leaf.get("alias") for leaf in tag]
        for tag in root.iter("Choice")
        if len(tag)
    }
    wanted: dict[str, list[str]] = {}
    for kind in ("dx", "proc"):
        for code in codes:
            if code.kind == kind:
                wanted.setdefault(code.chapter or "Other codes", []).append(code.code)
    assert found == wanted and list(found) == list(wanted)


def test_the_key_sink_comes_first_and_takes_every_shortcut() -> None:
    root = ElementTree.fromstring(label_config(CODES, "list"))
    choosers = [tag.get("name") for tag in root.iter("Choices")]
    assert choosers == ["keys", "codes"]
    assert len(choices_of(label_config(CODES, "list"), "keys")) == KEY_SINK_SIZE > 35


def test_the_note_is_plain_text_and_the_codes_are_required() -> None:
    root = ElementTree.fromstring(label_config(CODES, "list"))
    assert [(tag.get("name"), tag.get("value")) for tag in root.iter("Text")] == [("note", "$text")]
    assert {tag.get("name"): tag.get("required") for tag in root.iter("Choices")} == {
        "keys": None,
        "codes": "true",
    }


def test_search_has_the_chapters_of_diagnoses_before_those_of_procedures() -> None:
    root = ElementTree.fromstring(label_config(CODES, "search"))
    chapters = [tag.get("value") for tag in root.iter("Choice") if len(tag)]
    assert chapters == [
        "Infectious and parasitic diseases",
        "Diseases of the circulatory system",
        "Factors influencing health status and contact with health services",
        "Operations on the cardiovascular system",
    ]


@pytest.mark.parametrize(
    ("codes", "interface", "message"),
    [
        ([], "list", "at least one"),
        (CODES * 2, "list", "twice"),
        (
            [ListedCode("1", "2 x", "dx", ""), ListedCode("1 2", "x", "dx", "")],
            "search",
            "read the same",
        ),
        (CODES, "tree", "unknown interface 'tree'"),
    ],
)
def test_a_config_that_cannot_work_is_refused(
    codes: list[ListedCode], interface: Interface, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        label_config(codes, interface)


@pytest.mark.parametrize(
    ("result", "answer"),
    [
        (
            [region("codes", "choices", choices=["428.0", "38.93"])],
            ParsedAnswer(("428.0", "38.93"), False, ""),
        ),
        ([region("codes", "choices", choices=[NONE_ALIAS])], ParsedAnswer((), True, "")),
        (
            [
                region("codes", "choices", choices=["428.0"]),
                region("keys", "choices", choices=["key 0", "key 10"]),
            ],
            ParsedAnswer(("428.0",), False, ""),
        ),
        (
            [
                region("codes", "choices", choices=["428.0"]),
                region("unlisted", "textarea", text=[" 518.5 lung ", ""]),
            ],
            ParsedAnswer(("428.0",), False, "518.5 lung"),
        ),
        (
            [
                region(
                    "codes",
                    "taxonomy",
                    taxonomy=[["Diseases of the circulatory system", "428.0"], [NONE_ALIAS]],
                )
            ],
            ParsedAnswer(("428.0",), True, ""),
        ),
        ([], ParsedAnswer((), False, "")),
        (
            [region("codes", "choices", choices=["428.0"]), region("clock", "number", number=75.5)],
            ParsedAnswer(("428.0",), False, "", 75.5),
        ),
        # What the page never sends, and the walls let through, is an answer of nothing.
        (
            [{"from_name": "codes"}, {"from_name": "unlisted"}, {"from_name": "clock"}],
            ParsedAnswer((), False, ""),
        ),
        ([region("codes", "taxonomy", taxonomy=[[]])], ParsedAnswer((), False, "")),
    ],
)
def test_answers_of_either_interface_are_read(
    result: list[dict[str, object]], answer: ParsedAnswer
) -> None:
    assert parse_result(result) == answer


@pytest.mark.parametrize(
    "number", [0, -1, -0.5, nan, inf, -inf, 43_201, 10**400, 1e300, True, "75", "", None, [75], {}]
)
def test_a_time_that_cannot_be_one_is_dropped_and_its_answer_is_not(number: object) -> None:
    result = [
        region("codes", "choices", choices=["428.0"]),
        region("clock", "number", number=number),
    ]
    assert parse_result(result) == ParsedAnswer(("428.0",), False, "")


@pytest.mark.parametrize(
    ("active", "lead", "believed"),
    [
        (None, 60.0, None),
        (60.0, 60.0, 60.0),
        (3.5, 7200.0, 3.5),
        (600.0, 60.0, 600.0),  # a reload without a draft
        (3660.0, 60.0, 3660.0),
        (3661.0, 60.0, None),
        (60_000.0, 60.0, None),  # milliseconds
        (60.0, None, 60.0),
    ],
)
def test_more_time_than_the_note_was_open_is_not_believed(
    active: float | None, lead: float | None, believed: float | None
) -> None:
    assert believable(active, lead) == believed


@pytest.mark.parametrize(
    ("sent", "kept"),
    [(None, None), (0.0, 0.0), (12.5, 12.5), (-1.0, None), (1e300, None), (float("nan"), None)],
)
def test_what_label_studios_clock_cannot_say_is_dropped(
    sent: float | None, kept: float | None
) -> None:
    """A coder's browser sends it, and could send anything."""
    given = {"id": 1, "completed_by": 2, "lead_time": sent, "result": []}
    moment = "2026-03-05T09:30:00Z"
    given |= {"created_at": moment, "updated_at": moment}
    answer = answer_from(3, {"id": 4, "data": {"note_id": "5"}}, given)
    assert answer.lead_time == kept


@pytest.mark.parametrize("interface", ["list", "search"])
def test_the_seconds_have_a_place_that_nobody_sees(interface: Interface) -> None:
    root = ElementTree.fromstring(label_config(CODES, interface))
    (hidden,) = [tag for tag in root if tag.get("className") == "cb-keys"]
    assert [(tag.get("name"), tag.get("toName")) for tag in root.iter("Number")] == [
        ("clock", "note")
    ]
    assert hidden.find("Number") is not None


@given(
    codes=st.lists(st.sampled_from([code.code for code in CODES]), unique=True),
    unlisted=st.sampled_from(["", "518.5"]),
    seconds=st.none() | st.floats(0.1, 43_200),
)
def test_what_is_sent_is_what_is_read(
    codes: list[str], unlisted: str, seconds: float | None
) -> None:
    assert parse_result(answer_result(codes, unlisted, seconds)) == ParsedAnswer(
        tuple(codes), not codes, unlisted, seconds
    )
