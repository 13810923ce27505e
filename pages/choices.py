"""Reading what an address or a form asks for, in one place for all pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, QueryDict
from django.urls import reverse

from annotation.models import Batch, Rater, Study
from benchmark.models import BenchmarkRun
from benchmark.scoring.presets import PRESETS, Preset
from benchmark.scoring.sides import Sides
from benchmark.selectors.benchmarks import newest_coding
from benchmark.selectors.inputs import available
from benchmark.selectors.sides import (
    Listed,
    Named,
    default_pair,
    newest_run,
    raters_listed,
    raters_named,
    sides_of,
)
from benchmark.selectors.table1 import Told, told_of

MOST_DIGITS = 18
"""Of a number that surely fits a column of the database."""


def whole(text: object) -> int:
    """The whole number that a form sent as text; -1, the id of no row, where it is none.

    >>> whole("12"), whole("abc"), whole("9" * 30), whole(None)
    (12, -1, -1, -1)
    """
    digits = str(text)
    if digits.isascii() and digits.isdecimal() and len(digits) <= MOST_DIGITS:
        return int(digits)
    return -1


TEXTS = {"csv": "text/csv", "md": "text/markdown", "tex": "application/x-tex", "txt": "text/plain"}
"""A text format of a table, by its file extension -> its content type."""
DOWNLOADS = (*TEXTS, "xlsx")


def asked_preset(request: HttpRequest, study: Study) -> Preset:
    """The `?preset=` of an address, by default the study's own."""
    return preset_named(request.GET.get("preset", study.preset))


def preset_named(name: str) -> Preset:
    """404 where there is no such preset."""
    if name not in PRESETS:
        raise Http404("no such preset")
    return PRESETS[name]


@dataclass(frozen=True)
class Choice:
    """What the pages of a study's results show: two raters, the reference, the codes that count.

    Every link between these pages carries it.
    """

    study: Study
    preset: Preset
    run: BenchmarkRun | None
    """The newest of that preset, without its document and counts, which are read when needed."""
    raters: tuple[Listed, ...]
    """Who can be chosen; empty for a run of before sides were kept, and without a run."""
    a: str = ""
    b: str = ""
    """"" where there is one rater."""
    unknown: tuple[str, ...] = ()
    """Names that were asked for and are nobody's: the raters that are shown first stand in."""
    twice: str = ""
    """The rater that was asked for as B and is A already: another stands in as B. "" for none."""
    newest: Mapping[str, BenchmarkRun] = field(default_factory=dict)
    """The newest benchmark of each preset, where the page reads them all."""

    @property
    def params(self) -> dict[str, str]:
        """What addresses carry."""
        found = {}
        if self.a:
            found["a"] = self.a
        if self.b:
            found["b"] = self.b
        if self.preset.name != self.study.preset:
            found["preset"] = self.preset.name
        return found

    @property
    def query(self) -> str:
        """The same as the end of an address, with its question mark; "" without any."""
        if not self.params:
            return ""
        return f"?{urlencode(self.params)}"

    @property
    def against(self) -> str:
        """Whose codes are held to be right, as sentences say it."""
        if self.preset.against == "panel":
            return "the panel"
        if self.study.batch.origin == Batch.Origin.OWN:
            return "the reference"
        return "the hospital"

    @property
    def kinds(self) -> dict[str, str]:
        """Rater's name -> people, coder, model or reference."""
        return {each.name: each.kind for each in self.raters}

    @cached_property
    def sides(self) -> Sides:
        """The two raters beside each other. Only where there are raters."""
        if "everybody" in self.__dict__:
            return self.everybody  # read already
        assert self.run is not None  # or there were no raters
        return sides_of(self.run, [name for name in (self.a, self.b) if name])

    @cached_property
    def everybody(self) -> Sides:
        """All raters beside each other. Only where there are raters."""
        assert self.run is not None
        return sides_of(self.run, [each.name for each in self.raters])

    @cached_property
    def told(self) -> list[Told]:
        """What a reader of Table 1 must know. Only where there is a run."""
        assert self.run is not None
        if not self.raters:
            return told_of(self.run)
        models = []
        for each in self.named.values():
            if each.rater.kind == Rater.Kind.MODEL:
                models.append(each)
        return told_of(self.run, sorted(models, key=lambda model: model.rater.name))

    @cached_property
    def named(self) -> dict[str, Named]:
        """The models and coders behind the names, each with its newest run in the study."""
        return raters_named(self.study, self.raters)

    @cached_property
    def presets(self) -> list[Preset]:
        """What the study can be asked, the one it is scored by first."""
        return available(self.study)

    @property
    def spaces(self) -> list[Preset]:
        """Which codes can count against what is chosen, with what is asked for.

        Where that has nothing to be scored against yet, the others that the study can be asked.
        """
        found = [each for each in self.presets if each.against == self.preset.against]
        if not found:
            found = list(self.presets)
        if found and self.preset not in found:
            found.append(self.preset)
        return found

    @cached_property
    def nobody_coded(self) -> bool:
        """Whether there is nothing to score: nobody, person or model, has coded a note."""
        return self.run is None and not newest_coding(self.study)

    def link(self, name: str, *args: object, **more: object) -> str:
        """The address of a page of this study, with the choices of now and more parameters.

        A parameter of "" or None is left out.
        """
        return study_link(self.study, self.params, name, *args, **more)


def choice_of(
    request: HttpRequest, study: Study, newest: Mapping[str, BenchmarkRun] | None = None
) -> Choice:
    """What `?a=&b=&preset=` ask for, by default what the newest benchmark shows first.

    `newest`: the newest benchmark of each preset, where the page has read them.
    """
    preset = _preset_against(request, study)
    if newest is None:
        newest = {}
        run = newest_run(study, preset.name)
    else:
        run = newest.get(preset.name)
    if run is None or not run.axes:
        return Choice(study, preset, run, (), newest=newest)
    raters = tuple(raters_listed(run))
    names = [each.name for each in raters]
    first, second = default_pair(run)
    asked_a = _in_full(request.GET.get("a", ""), names)
    asked_b = _in_full(request.GET.get("b", ""), names)
    a = asked_a if asked_a in names else first
    b = asked_b if asked_b in names else second
    if a == b:
        # Nobody is compared with themselves: the other of the two that are shown first.
        b = second if a == first else first
    twice = asked_b if asked_b == a else ""
    unknown = tuple(name for name in (asked_a, asked_b) if name and name not in names)
    return Choice(study, preset, run, raters, a, b, unknown, twice, newest)


def _in_full(asked: str, names: Sequence[str]) -> str:
    """The rater that is asked for: what stands in brackets after a name may be left out.

    >>> _in_full("Ada", ["RAC", "Ada (simulated)"]), _in_full("Nobody", ["RAC"])
    ('Ada (simulated)', 'Nobody')
    """
    if asked in names:
        return asked
    alike = [name for name in names if name.startswith(f"{asked} (")]
    return alike[0] if asked and len(alike) == 1 else asked


def own_choice(study: Study) -> Choice:
    """What a study is scored by unless somebody asks otherwise: nothing of an address is heeded."""
    preset = PRESETS[study.preset]
    run = newest_run(study, preset.name)
    if run is None or not run.axes:
        return Choice(study, preset, run, ())
    return Choice(study, preset, run, tuple(raters_listed(run)), *default_pair(run))


def _preset_against(request: HttpRequest, study: Study) -> Preset:
    """The preset of an address; `?against=` has the last word on the reference."""
    preset = asked_preset(request, study)
    against = request.GET.get("against", preset.against)
    if against == preset.against:
        return preset
    for other in available(study):
        if other.against == against:
            return other
    raise Http404("no such reference")


CARRIED = ("a", "b", "preset")
"""What every address within a study's results has."""


def carried(request: HttpRequest) -> dict[str, str]:
    """The choices of the address, for links of a page that compares nobody."""
    return {name: str(request.GET[name]) for name in CARRIED if request.GET.get(name)}


def study_link(
    study: Study, params: Mapping[str, str], name: str, *args: object, **more: object
) -> str:
    """The address of a page of a study with these parameters, and more; no empty ones."""
    query = {**params, **more}
    address = reverse(name, args=[study.slug, *args])
    given = {key: value for key, value in query.items() if value not in ("", None)}
    if not given:
        return address
    return f"{address}?{urlencode(given)}"


def kept(query: QueryDict, *names: str, **changes: str) -> QueryDict:
    """A new query: the parameters of `query` with these names, then the changes; no empty ones."""
    wanted = {name: query.get(name) for name in names}
    wanted.update(changes)
    found = QueryDict(mutable=True)
    for name, value in wanted.items():
        if value:
            found[name] = value
    return found
