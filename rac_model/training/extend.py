"""More codes for a trained model: a RAC that reads titles and shares its readout can give a code it never saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from files.output import check_folder, check_names
from mimic.folder import read_titles
from rac_model.checkpoint import FILES, SUMS, CheckpointError, load, save, settings_in
from rac_model.data.code_list import code_rows
from rac_model.models.rac_config import RacConfig

ENDING = "-extended"
"""Of the name of a checkpoint with more codes."""


def extend(folder: Path, data: Sequence[Path], out: Path) -> int:
    """Write the checkpoint to `out` with every code that has a title in `data` added; returns how many.

    The weights are the same: no weight of such a model belongs to one code. It is another checkpoint, with an identity
    of its own. CheckpointError for a model whose codes have weights of their own; OutputError, and nothing is gone,
    where `out` is the checkpoint itself or holds files that `extend` did not write.
    """
    check_folder(out, inputs=[folder, *data], holds=False)
    earlier = settings_in(out)
    ours = earlier is not None and str(earlier["name"]).endswith(ENDING)
    check_names(out, [*FILES, SUMS], ours=ours, writer="extend")
    checkpoint = load(folder)
    config = checkpoint.config
    if (
        not isinstance(config, RacConfig)
        or config.queries != "titles"
        or config.readout != "shared"
    ):
        raise CheckpointError(
            f"{folder.name}: its codes have weights of their own; only a RAC with queries=titles and readout=shared "
            "can give codes it was not trained on"
        )
    known = {row.code for row in checkpoint.codes}
    titles = {code: title for part in data for code, title in read_titles(part).items()}
    added = code_rows(
        {code: title.kind for code, title in titles.items() if code not in known}, titles
    )
    codes = sorted([*checkpoint.codes, *added], key=lambda row: row.code)
    metrics = {**checkpoint.metrics, "codes_added": len(added)}
    save(replace(checkpoint, name=f"{checkpoint.name}{ENDING}", codes=codes, metrics=metrics), out)
    return len(added)
