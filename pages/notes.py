"""A study's notes, and one note beside what each rater gave it."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from annotation.models import Assignment, Rater, Role
from benchmark.selectors.notes import note_evidence, note_side_by_side, notes_of, with_raters
from benchmark.tables.highlight import Why, marked
from icd.groups import GROUPS
from pages.access import AuthedRequest, roles, visible_study
from pages.choices import kept

NOTES_A_PAGE = 50


@require_GET
@roles(Role.RESEARCHER)
def notes(request: AuthedRequest, slug: str) -> HttpResponse:
    found = visible_study(request, slug)
    page = Paginator(notes_of(found), NOTES_A_PAGE).get_page(request.GET.get("page"))
    rows = with_raters(found, list(page))
    return render(request, "notes/notes.html", {"study": found, "page": page, "rows": rows})


@require_GET
@roles(Role.RESEARCHER)
def note(request: AuthedRequest, slug: str, note_id: int) -> HttpResponse:
    """A note's text beside each rater's codes; `?rater=&code=` marks where that model looked for that code.

    From a count of the compare pages it has that count's choices in its address (`of`, `by`, `show`, `preset`, and
    `whose` for the rater): the codes counted are marked, and a link leads back.
    """
    found = visible_study(request, slug)
    row = get_object_or_404(found.notes, pk=note_id)
    side = note_side_by_side(found, row)
    of = request.GET.get("of", "")
    rater = request.GET.get("rater", "")
    code = request.GET.get("code", "")
    context = {
        "study": found,
        "note": row,
        "side": side,
        "of": of,
        "counted": counted([each.code for each in side.rows], request.GET.get("by", "code"), of),
        "back": kept(
            request.GET, "preset", "by", "of", "show", rater=request.GET.get("whose", "")
        ).urlencode(),
        "assigned": Assignment.objects.filter(study=found, note=row).select_related("rater"),
        **looked(row.text, note_evidence(found, row), rater, code),
    }
    return render(request, "notes/note.html", context)


def counted(codes: Sequence[str], by: str, of: str) -> set[str]:
    """The codes that a count of the compare pages was of; none where the address names no count."""
    group = GROUPS.get(by)
    if group is None or not of:
        return set()
    return {code for code in codes if group(code) == of}


def looked(text: str, given: dict[Rater, list[Why]], rater: str, code: str) -> dict[str, object]:
    """The text in pieces, each model's codes with the pieces they light, and what is said of the chosen one."""
    flat = [(model, why) for model, whys in given.items() for why in whys]
    asked = [(str(model.pk), why.code) for model, why in flat]
    chosen = asked.index((rater, code)) if (rater, code) in asked else None
    pieces, codes = marked(text, [why for _, why in flat], chosen)
    first = next(iter(given), None)
    lit = None
    words = ""
    if chosen is not None:
        first = flat[chosen][0]
        lit = codes[chosen]
        words = f"{first.name}, {lit.words}"
    models = [
        {
            "rater": model,
            "open": model == first,
            "codes": [c for (m, _), c in zip(flat, codes, strict=True) if m == model],
        }
        for model in given
    ]
    return {"pieces": pieces, "models": models, "chosen": lit, "words": words}
