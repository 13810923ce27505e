"""The labeling page: XML that says what it should, and answers read as the page sends them."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.label_config import (
    KEY_SINK_SIZE,
    NONE_ALIAS,
    Interface,
    ParsedAnswer,
    answer_result,
    label_config,
    parse_result,
)
from icd.chapters import chapter, chapter_of
from icd.tables import read_icd9_tables

CODES = [("038.9", "Septicemia"), ("428.0", 'Failure, "left" & <right>'), ("38.93", "Venous catheter"), ("V10.01", "x")]
XML_TEXT = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1).map(lambda text: f"c{text}")


def choices_of(config: str, name: str = "codes") -> list[tuple[str | None, str | None]]:
    root = ElementTree.fromstring(config)
    chooser = next(tag for tag in root.iter() if tag.get("name") == name)
    return [(tag.get("alias"), tag.get("value")) for tag in chooser.iter("Choice") if len(tag) == 0]


def region(name: str, kind: str, **value: object) -> dict[str, object]:
    return {"id": "x", "from_name": name, "to_name": "note", "type": kind, "origin": "manual", "value": value}


@pytest.mark.parametrize("interface", ["list", "search"])
def test_no_listed_code_is_first_and_every_code_follows_in_order(interface: Interface) -> None:
    first, *rest = choices_of(label_config(CODES, interface))
    assert first == (NONE_ALIAS, "No listed code applies")
    assert rest == [(code, f"{code} {title}") for code, title in CODES]


@pytest.mark.parametrize("interface", ["list", "search"])
@given(codes=st.lists(st.tuples(XML_TEXT, XML_TEXT), min_size=1, max_size=5, unique_by=lambda row: row[0]))
def test_any_code_and_title_survive_the_xml(interface: Interface, codes: list[tuple[str, str]]) -> None:
    assert choices_of(label_config(codes, interface))[1:] == [(code, f"{code} {title}") for code, title in codes]


def test_the_key_sink_comes_first_and_takes_every_shortcut() -> None:
    root = ElementTree.fromstring(label_config(CODES, "list"))
    choosers = [tag.get("name") for tag in root.iter("Choices")]
    assert choosers == ["keys", "codes"]
    assert len(choices_of(label_config(CODES, "list"), "keys")) == KEY_SINK_SIZE > 35


def test_the_note_is_plain_text_and_the_codes_are_required() -> None:
    root = ElementTree.fromstring(label_config(CODES, "list"))
    assert [(tag.get("name"), tag.get("value")) for tag in root.iter("Text")] == [("note", "$text")]
    assert {tag.get("name"): tag.get("required") for tag in root.iter("Choices")} == {"keys": None, "codes": "true"}


def test_search_groups_by_chapter_of_diagnoses_and_procedures() -> None:
    root = ElementTree.fromstring(label_config(CODES, "search"))
    chapters = [tag.get("value") for tag in root.iter("Choice") if len(tag)]
    assert chapters == [
        "Infectious and parasitic diseases",
        "Diseases of the circulatory system",
        "Operations on the cardiovascular system",
        "Factors influencing health status and contact with health services",
    ]


def test_the_chapter_of_every_code_is_told_from_its_form() -> None:
    rows = read_icd9_tables()
    assert [chapter_of(row.code) for row in rows] == [chapter(row.code, row.kind) for row in rows]


@pytest.mark.parametrize(
    ("codes", "interface", "message"),
    [([], "list", "at least one"), (CODES * 2, "list", "twice"), (CODES, "tree", "unknown interface 'tree'")],
)
def test_a_config_that_cannot_work_is_refused(codes: list[tuple[str, str]], interface: Interface, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        label_config(codes, interface)


@pytest.mark.parametrize(
    ("result", "answer"),
    [
        ([region("codes", "choices", choices=["428.0", "38.93"])], ParsedAnswer(("428.0", "38.93"), False, "")),
        ([region("codes", "choices", choices=[NONE_ALIAS])], ParsedAnswer((), True, "")),
        ([region("codes", "choices", choices=["428.0"]), region("keys", "choices", choices=["key 0", "key 10"])],
         ParsedAnswer(("428.0",), False, "")),
        ([region("codes", "choices", choices=["428.0"]), region("unlisted", "textarea", text=[" 518.5 lung ", ""])],
         ParsedAnswer(("428.0",), False, "518.5 lung")),
        ([region("codes", "taxonomy", taxonomy=[["Diseases of the circulatory system", "428.0"], [NONE_ALIAS]])],
         ParsedAnswer(("428.0",), True, "")),
        ([], ParsedAnswer((), False, "")),
    ],
)  # fmt: skip
def test_answers_of_either_interface_are_read(result: list[dict[str, object]], answer: ParsedAnswer) -> None:
    assert parse_result(result) == answer


@given(
    codes=st.lists(st.sampled_from([code for code, _ in CODES]), unique=True), unlisted=st.sampled_from(["", "518.5"])
)
def test_what_is_sent_is_what_is_read(codes: list[str], unlisted: str) -> None:
    assert parse_result(answer_result(codes, unlisted)) == ParsedAnswer(tuple(codes), not codes, unlisted)
