"""What a methods paragraph says of a study beside its benchmark."""

from __future__ import annotations

import platform
from importlib.metadata import version

from django.conf import settings

from annotation.models import Batch, Study
from benchmark.tables.methods import Setting


def setting_of(study: Study) -> Setting:
    """The software here, and how the study was coded."""
    interface = opened = ""
    if study.workspaces.exists():
        interface = study.get_interface_display()
        if study.opened_at:
            opened = study.opened_at.date().isoformat()
    return Setting(
        software=software(),
        interface=interface,
        opened=opened,
        mimic=study.batch.origin == Batch.Origin.MIMIC,
    )


def software() -> str:
    """This release, and what its figures are computed with."""
    return (
        f"Coderbench {settings.RELEASE} (Python {platform.python_version()}, "
        f"NumPy {version('numpy')}, SciPy {version('scipy')})"
    )
