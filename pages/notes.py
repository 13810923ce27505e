"""A study's list of notes, and a note's text beside the codes of each rater."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from annotation.models import Assignment, NoteOpening, Rater, Role
from annotation.selectors.custody import openings_of
from annotation.selectors.removal import removed_of
from annotation.services.custody import opening_record
from benchmark.selectors.notes import note_evidence, note_side_by_side, notes_of, with_raters
from benchmark.tables.highlight import Why, marked
from icd.groups import GROUPS
from pages.access import AuthedRequest, roles, visible_study
from pages.choices import kept

NOTES_A_PAGE = 50
OPENINGS_SHOWN = 20


@require_GET
@roles(Role.RESEARCHER)
def notes(request: AuthedRequest, slug: str) -> HttpResponse:
    """The notes of a study, each with the raters that have coded it."""
    found = visible_study(request, slug)
    page = Paginator(notes_of(found), NOTES_A_PAGE).get_page(request.GET.get("page"))
    rows = with_raters(found, list(page))
    context = {
        "study": found,
        "tab": "notes",
        "page": page,
        "rows": rows,
        "removed": removed_of(found),
    }
    return render(request, "notes/notes.html", context)


@require_GET
@roles(Role.RESEARCHER)
def note(request: AuthedRequest, slug: str, note_id: int) -> HttpResponse:
    """A note's text beside each rater's codes.

    `?rater=&code=` marks where that model looked for that code. Whoever comes from a count on the
    compare pages has the choices made there in the address (`preset`, `by`, `of`, `show`, and the
    rater as `whose`): the codes that were counted are marked, and a link leads back.
    """
    found = visible_study(request, slug)
    row = get_object_or_404(found.notes, pk=note_id)
    opening_record(user=request.user, note=row, way=NoteOpening.Way.NOTE)
    side = note_side_by_side(found, row)
    of = request.GET.get("of", "")
    by = request.GET.get("by", "code")
    back = kept(request.GET, "preset", "by", "of", "show", rater=request.GET.get("whose", ""))
    evidence = note_evidence(found, row)
    rater = request.GET.get("rater", "")
    code = request.GET.get("code", "")
    context = {
        "study": found,
        "note": row,
        "removed": removed_of(found),
        "side": side,
        "of": of,
        "counted": counted([each.code for each in side.rows], by, of),
        "back": back.urlencode(),
        "assigned": Assignment.objects.filter(study=found, note=row).select_related("rater"),
        **evidence_context(row.text, evidence, rater, code),
    }
    if request.user.is_admin:
        of_note = openings_of(row.pk)
        context |= {"openings": of_note[:OPENINGS_SHOWN], "opened": of_note.count()}
    return render(request, "notes/note.html", context)


def counted(codes: Sequence[str], by: str, of: str) -> set[str]:
    """Those of the codes that belong to the group `of`; none where the address names no group."""
    group = GROUPS.get(by)
    if group is None or not of:
        return set()
    return {code for code in codes if group(code) == of}


def evidence_context(
    text: str, given: dict[Rater, list[Why]], rater: str, code: str
) -> dict[str, object]:
    """Where models looked in a note, for the page.

    `given` is the evidence of each model, code by code; `rater` (a model's id) and `code` are those
    that the address chooses. Returns the text in `pieces`, the `models` with the codes that light
    some of them, the `chosen` code and its `words`.
    """
    all_codes: list[tuple[Rater, Why]] = []
    chosen = None
    for model, whys in given.items():
        for why in whys:
            if chosen is None and (str(model.pk), why.code) == (rater, code):
                chosen = len(all_codes)
            all_codes.append((model, why))
    pieces, lit = marked(text, [why for _, why in all_codes], chosen)
    opened = next(iter(given), None)
    chosen_code = None
    words = ""
    if chosen is not None:
        opened = all_codes[chosen][0]
        chosen_code = lit[chosen]
        words = f"{opened.name}, {chosen_code.words}"
    models = []
    for model in given:
        codes = []
        for (owner, _), lit_code in zip(all_codes, lit, strict=True):
            if owner == model:
                codes.append(lit_code)
        models.append({"rater": model, "open": model == opened, "codes": codes})
    return {"pieces": pieces, "models": models, "chosen": chosen_code, "words": words}
