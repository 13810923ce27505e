"""More codes for a trained model.

A RAC that reads titles and shares its readout can give a code that it never saw.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from files.output import check_folder, check_names
from icd.titles import Title
from mimic.folder import read_titles
from rac_model.checkpoint import ALL_FILES, CheckpointError, load, save, settings_in
from rac_model.config import Coder
from rac_model.data.code_list import code_rows
from rac_model.models.rac_config import RacConfig

ENDING = "-extended"
"""How the name of a checkpoint with more codes ends."""


def extend(folder: Path, data: Sequence[Path], out: Path) -> int:
    """Write the checkpoint to `out`, with every code that has a title in `data`.

    Returns how many codes were added. The weights are the same: no weight of such a model belongs
    to one code. It is another checkpoint, with an identity of its own. CheckpointError for a model
    whose codes have weights of their own; OutputError, and nothing is gone, where `out` is the
    checkpoint itself or holds files that `extend` did not write.
    """
    check_folder(out, inputs=[folder, *data], holds=False)
    earlier = settings_in(out)
    ours = earlier is not None and str(earlier["name"]).endswith(ENDING)
    check_names(out, ALL_FILES, ours=ours, writer="extend")
    checkpoint = load(folder)
    if not _can_give_other_codes(checkpoint.config):
        raise CheckpointError(
            f"{folder.name}: its codes have weights of their own; only a RAC with queries=titles "
            "and readout=shared can give codes it was not trained on"
        )
    titles: dict[str, Title] = {}
    for part in data:
        titles.update(read_titles(part))
    known = {row.code for row in checkpoint.codes}
    new_kinds = {code: titles[code].kind for code in titles if code not in known}
    added = code_rows(new_kinds, titles)
    codes = sorted([*checkpoint.codes, *added], key=lambda row: row.code)
    metrics = {**checkpoint.metrics, "codes_added": len(added)}
    name = f"{checkpoint.name}{ENDING}"
    save(replace(checkpoint, name=name, codes=codes, metrics=metrics), out)
    return len(added)


def _can_give_other_codes(config: Coder) -> bool:
    """Whether no weight of the model belongs to one code."""
    if not isinstance(config, RacConfig):
        return False
    return config.queries == "titles" and config.readout == "shared"
