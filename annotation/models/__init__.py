"""What the study is made of: people, codes, notes, studies, raters and the codings they give.

One idea holds it together: a rater gives a set of codes to a note. Rows are facts; progress is
counted, not stored.
"""

from annotation.models.codes import (
    Code,
    CodeQuerySet,
    CodeSet,
    CodeSetMember,
    CodeSystem,
    WeightList,
)
from annotation.models.codings import Coding, CodingItem, QuarantinedAnswer
from annotation.models.custody import NoteOpening
from annotation.models.desk import Draft, Mirror, PracticeAnswer
from annotation.models.notes import Batch, Note, OutsideCounts
from annotation.models.people import Rater, Role, User
from annotation.models.purges import Purge
from annotation.models.record import Event
from annotation.models.studies import Assignment, Reopening, Study, Workspace
from annotation.models.uploads import Upload

__all__ = [
    "Assignment",
    "Batch",
    "Code",
    "CodeQuerySet",
    "CodeSet",
    "CodeSetMember",
    "CodeSystem",
    "Coding",
    "CodingItem",
    "Draft",
    "Event",
    "Mirror",
    "Note",
    "NoteOpening",
    "OutsideCounts",
    "PracticeAnswer",
    "Purge",
    "QuarantinedAnswer",
    "Rater",
    "Reopening",
    "Role",
    "Study",
    "Upload",
    "User",
    "WeightList",
    "Workspace",
]
