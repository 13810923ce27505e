"""Any two raters of a benchmark beside each other: counts equal those of sets, and of Table 1."""

import doctest

import numpy as np
import pytest
from django.http import QueryDict

from annotation.models import Rater
from annotation.selectors.codings import codings_of, primary_codings
from benchmark.models import BenchmarkRun
from benchmark.scoring.sides import first_pair
from benchmark.selectors.coder_page import side_name
from benchmark.selectors.sides import default_pair, raters_listed, sides_of
from benchmark.services.benchmarks import benchmark_run
from benchmark.tables import two_raters
from benchmark.tables.two_raters import pair_counts
from icd.groups import GROUPS
from pages import choices
from tests.cast import logged_in
from tests.pages.compared import HUMANS, raters_by_name

pytestmark = pytest.mark.slow


@pytest.fixture
def run(compared) -> BenchmarkRun:
    return benchmark_run(study=compared)


def given_by(study, name):
    """Note -> the codes of the study's list that a rater gave."""
    listed = set(study.code_set.codes.values_list("code", flat=True))
    if name == HUMANS:
        codings = primary_codings(study)
    else:
        codings = codings_of(study, Rater.objects.get(name=name.removesuffix(" (simulated)")))
    return {note: set(codes) & listed for note, codes in codings.items()}


def test_two_raters_by_code_are_what_they_gave(compared, run):
    names = [each.name for each in raters_listed(run)]
    assert HUMANS in names and len(names) > 2
    reference = codings_of(compared, compared.reference)
    everybody = sides_of(run, names)
    for a in names:
        for b in names:
            if a == b:
                continue
            ours, theirs = given_by(compared, a), given_by(compared, b)
            shared = sorted(ours.keys() & theirs.keys() & reference.keys())
            found = pair_counts(everybody, a, b, "category")
            assert found.notes == len(shared)
            group = GROUPS["category"]
            for place, name in enumerate(found.names):
                held = []
                for note in shared:
                    for code in set(reference[note]) | ours[note] | theirs[note]:
                        if group(code) == name:
                            held.append(
                                (code in reference[note], code in ours[note], code in theirs[note])
                            )
                cells = {
                    "a_only missed": (True, False, True),
                    "both missed": (True, False, False),
                    "b_only missed": (True, True, False),
                    "a_only added": (False, True, False),
                    "both added": (False, True, True),
                    "b_only added": (False, False, True),
                }
                for words, cell in cells.items():
                    which, kind = words.split()
                    errors = getattr(found, kind)
                    assert getattr(errors, which)[place] == held.count(cell), (a, b, name, words)
                assert found.reference[place] == sum(true for true, _, _ in held)
                assert found.a.p[place] == sum(first for _, first, _ in held)
                assert found.b.tp[place] == sum(true and second for true, _, second in held)


def test_two_raters_of_table_1_have_its_figures(run):
    document = run.result
    names = [each.name for each in raters_listed(run) if each.in_table1]
    sides = sides_of(run, names)
    assert len(document.raters) == len(names)
    for name, rater in document.raters.items():
        tp, p, t = sides.per_note(name, sides.counted(*names)).pooled()
        assert tp / (p + t - tp) == pytest.approx(rater.micro.jaccard)
        assert len(sides.counted(name)) == document.notes


def test_who_is_shown_first(run):
    assert default_pair(run) == first_pair(
        run.result, run.result.kinds, [each.name for each in raters_listed(run)]
    )
    first, second = default_pair(run)
    assert run.result.kinds[first] == "model" and second == HUMANS
    assert set(raters_by_name(run.study)) == {each.name for each in raters_listed(run)} - {HUMANS}


def test_a_coder_is_found_among_the_raters(compared, run):
    listed = raters_listed(run)
    assert side_name(listed, Rater.objects.get(user__username="ada")) == "Ada"
    assert side_name(listed, Rater(kind="coder", name="Theirs")) == "", "a model's name"


def test_a_name_may_be_asked_for_without_what_stands_in_brackets(compared, run, rae):
    coder = next(each.name for each in raters_listed(run) if not each.in_table1)
    page = logged_in(rae).get("/studies/small/results/codes/", {"a": coder.partition(" (")[0]})
    assert page.context["choice"].a == coder and not page.context["choice"].unknown


SAID = "is A, and nobody is compared with themselves:"
WITH_THE_BAR = (
    "results/",
    "results/codes/",
    "results/code/?code=428.0",
    "results/notes/",
    "results/tables/differences/",
    "notes/{note}/",
)
"""Pages on which any two raters can be chosen."""


@pytest.mark.parametrize("page", WITH_THE_BAR)
def test_a_rater_asked_for_as_both_is_said_to_be(compared, run, rae, page):
    first, second = default_pair(run)
    coder = next(each.name for each in raters_listed(run) if not each.in_table1)
    address, _, query = page.format(note=compared.notes.first().pk).partition("?")
    client = logged_in(rae)

    def shown(**asked):
        answer = client.get(f"/studies/small/{address}", {**QueryDict(query).dict(), **asked})
        return answer.context["choice"], " ".join(answer.content.decode().split())

    short = coder.partition(" (")[0]
    for asked, a, b in (
        ({"a": first, "b": first}, first, second),
        ({"a": second, "b": second}, second, first),
        ({"a": coder, "b": short}, coder, first),
        ({"b": first}, first, second),
    ):
        choice, words = shown(**asked)
        assert (choice.a, choice.b) == (a, b), asked
        assert f"{a} {SAID} {b} stands in as B." in words, asked
    for asked in ({}, {"a": second}, {"a": first, "b": second}):
        assert SAID not in shown(**asked)[1], asked
    assert "Nobody is no" in shown(a="Nobody")[1]


def test_a_coder_asked_for_beside_itself_is_said_to_be(compared, run, rae):
    ada = Rater.objects.get(user__username="ada")
    address = f"/studies/small/coders/{ada.pk}/"
    name = side_name(raters_listed(run), ada)
    model = default_pair(run)[0]
    client = logged_in(rae)
    page = client.get(address, {"a": name, "b": name}).content.decode()
    assert f"{name} {SAID} {model} stands in as B." in " ".join(page.split())
    assert SAID not in client.get(address, {"a": model, "b": model}).content.decode()


def test_one_rater_alone_has_nobody_beside_it(run):
    sides = sides_of(run, [HUMANS])
    found = pair_counts(sides, HUMANS)
    assert not found.missed.b_only.any() and not found.missed.both.any()
    assert np.array_equal(found.missed.a_only, found.reference - found.a.tp)
    assert np.array_equal(found.added.a_only, found.a.p - found.a.tp)


def test_examples():
    assert not doctest.testmod(two_raters).failed
    assert not doctest.testmod(choices).failed
