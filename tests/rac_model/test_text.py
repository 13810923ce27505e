from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from mimic.text import permute_sentences, tokenise
from tests.generated import given


@given(st.text(alphabet="aB9_ .\n!?-é٣", max_size=60))
def test_words_stand_where_their_spans_say(text: str) -> None:
    tokens = tokenise(text)
    assert [text[start:end].lower() for start, end in tokens.spans] == tokens.words
    assert not any(word.isnumeric() for word in tokens.words)
    assert tokens.borders == sorted(set(tokens.borders))
    assert tokens.borders[:1] == ([0] if tokens.words else [])


def test_a_wrapped_line_is_no_border_but_a_blank_line_is() -> None:
    assert tokenise("one two\nthree\n \nfour v1.2 five? six").borders == [0, 3, 6]


@given(
    st.lists(st.integers(2, 9), min_size=1, max_size=30),
    st.sets(st.integers(0, 40)),
    st.integers(0, 99),
)
def test_a_permutation_keeps_every_sentence_whole(
    ids: list[int], starts: set[int], seed: int
) -> None:
    text = np.array(ids, np.int32)
    borders = np.array(sorted({0, *starts}), np.int32)
    moved = permute_sentences(text, borders, np.random.default_rng(seed))
    cuts = [start for start in borders if 0 < start < len(text)]
    assert sorted(moved) == sorted(ids)
    joined = " ".join(map(str, moved))
    assert all(" ".join(map(str, part)) in joined for part in np.split(text, cuts))
