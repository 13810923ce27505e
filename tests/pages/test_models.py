"""The page of models: leaderboards, Table 2, checkpoints, and their files."""

import csv
import io
import re
from html import escape

import pytest

from annotation.models import Rater, Role, Study, User
from benchmark.models import BenchmarkRun, ModelRun
from benchmark.scoring.presets import PRESETS
from tests.cast import logged_in
from tests.pages.compared import HUMANS

pytestmark = pytest.mark.slow


def test_the_leaderboard_ranks_people_and_models_of_each_study(compared, rae, ada):
    client = logged_in(rae)
    page = client.get("/models/").content.decode()
    result = BenchmarkRun.objects.get().result.to_json()
    by_f1 = sorted(result["raters"], key=lambda name: -result["raters"][name]["micro"]["f1"])
    places = [page.index(f'<th scope="row">{name}') for name in by_f1]
    assert places == sorted(places) and len(places) == 2
    assert result["kinds"] == {HUMANS: "people", "Theirs": "model"}
    assert ">people<" in page
    assert "synthetic" in page
    full = client.get("/models/?preset=full").content.decode()
    assert "No study has a benchmark of this kind" in full
    words = {name: PRESETS[name].which for name in PRESETS}
    switch = full.split('aria-label="Which codes count"')[1].split("</nav>")[0]
    shown = re.findall(r'href="\?preset=(\w+)".*?>\s*([^<]*?)\s*</a>', switch, re.DOTALL)
    assert dict(shown) == {name: escape(each) for name, each in words.items()}
    rows = list(
        csv.DictReader(io.StringIO(client.get("/models/leaderboard-small.csv").content.decode()))
    )
    assert [row["rater"] for row in rows] == by_f1
    User.objects.filter(pk=ada.pk).update(role=Role.RESEARCHER)
    coder = logged_in(User.objects.get(pk=ada.pk))
    hidden = coder.get("/models/").content.decode()
    assert "Theirs" not in hidden, "who codes in an open study does not see its results"
    assert coder.get("/models/leaderboard-small.csv").status_code == 404


def test_checkpoints_are_listed_with_their_runs(compared, rae, ada):
    digest = "ab" * 32
    rater = Rater.objects.create(kind=Rater.Kind.MODEL, name="RAC", checkpoint_sha256=digest)
    run = ModelRun.objects.create(
        study=compared, rater=rater, checkpoint_sha256=digest, threshold=0.5
    )
    page = logged_in(rae).get("/models/").content.decode()
    assert digest in page and f"/runs/{run.pk}/" in page and "elsewhere" in page
    text = logged_in(rae).get("/models/checkpoints.csv").content.decode()
    assert "RAC" in text and digest[:7] in text
    User.objects.filter(pk=ada.pk).update(role=Role.RESEARCHER)
    coder = logged_in(User.objects.get(pk=ada.pk))
    assert f"/runs/{run.pk}/" not in coder.get("/models/").content.decode()


@pytest.mark.django_db
def test_without_anything_the_page_says_how_to_begin(rae):
    Study.objects.all().delete()
    client = logged_in(rae)
    page = client.get("/models/").content.decode()
    for words in ("No study has a benchmark", "import_results FILE", "register_model DIR"):
        assert words in page
    for address in ("table2.csv", "table2.md", "checkpoints.csv", "leaderboard-none.csv", "x.csv"):
        assert client.get(f"/models/{address}").status_code == 404
