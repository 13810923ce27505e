"""What the compare pages are held against: the codings themselves, and a page read as text."""

import re
from html import unescape

from annotation.models import Rater
from annotation.selectors.codings import codings_of, primary_codings
from benchmark.selectors.raters import imported_coders, people_of, table1_raters

HUMANS = "Human coders"


def picked(true, given, show):
    """Whether a note with these codes, of those asked after, is to be listed."""
    lists = {
        "missed": true - given,
        "added": given - true,
        "agreed": true & given,
        "reference": true,
        "given": given,
    }
    return bool(lists[show])


def sets_of(study, rater):
    """Note -> (the reference's codes, the rater's codes of the study's list)."""
    listed = set(study.code_set.codes.values_list("code", flat=True))
    if rater == HUMANS:
        given = primary_codings(study)
    else:
        given = codings_of(study, Rater.objects.get(name=rater))
    reference = codings_of(study, study.reference)
    return {note: (set(codes), set(given[note]) & listed) for note, codes in reference.items()}


def cells(page: str) -> list[list[str]]:
    """The rows of a page's table of lines, as bare text; a title beside a name is left out."""
    body = page.split("<tbody>")[1].split("</tbody>")[0]
    body = re.sub(r'<span class="help">.*?</span>', "", body)
    rows = []
    for row in re.findall(r"<tr>.*?</tr>", body, re.DOTALL):
        found = re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)
        rows.append([unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in found])
    return rows


def raters_by_name(study, against="reference"):
    """The raters behind the names of sides; the human coders together have none."""
    found = {name: rater for name, rater in table1_raters(study, against).items() if rater}
    imported = {coder.pk for coder in imported_coders(study)}
    for coder in people_of(study):
        if coder.pk not in imported:
            name = str(coder)
            found[f"{name} (coder)" if name in found else name] = coder
    return found
