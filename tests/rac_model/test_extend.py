"""A trained RAC with more codes: the old ones as before, the new ones by their titles."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rac_model.checkpoint import CheckpointError
from rac_model.inference.predict import load
from rac_model.training.extend import extend
from tests.rac_model.folder import write_folder


def test_old_codes_score_as_before_and_new_ones_by_their_titles(
    checkpoints: dict[str, Path], tmp_path: Path
) -> None:
    other = write_folder(tmp_path / "other")
    rows = [
        "ICD9_CODE,SHORT_TITLE,LONG_TITLE",
        "4010,Malignant hypertension,Malignant essential hypertension",
    ]
    (other / "D_ICD_DIAGNOSES.csv").write_text("\n".join(rows) + "\n")
    assert extend(checkpoints["rac"], [other], tmp_path / "more") == 2
    before, after = load(checkpoints["rac"]), load(tmp_path / "more")
    assert set(after.codes) - set(before.codes) == {"401.0", "00.66"}
    texts = [
        "Essential hypertension benign. The patient was seen.",
        "Urinary tract infection. Exam normal.",
    ]
    kept = [after.codes.index(code) for code in before.codes]
    np.testing.assert_allclose(
        after.probabilities(texts)[:, kept], before.probabilities(texts), atol=1e-6
    )
    new = after.probabilities(texts)[:, after.codes.index("401.0")]
    assert new[0] > 3 * new[1]


@pytest.mark.parametrize("kind", ["lr", "title-match"])
def test_a_model_with_weights_a_code_is_refused(
    checkpoints: dict[str, Path], folder: Path, tmp_path: Path, kind: str
) -> None:
    with pytest.raises(CheckpointError, match="weights of their own"):
        extend(checkpoints[kind], [folder], tmp_path / "more")
