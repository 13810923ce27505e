"""What holds for every model of the registry: shapes, masks, gradients, learning, evidence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from icd.codes import CodeRow
from rac_model.build import title_ids
from rac_model.config import Embedded, Training
from rac_model.data.samples import padded
from rac_model.inference.reader import Reader
from rac_model.models.base import Model, Start
from rac_model.models.registry import SYSTEMS

CODES = [
    CodeRow("00.66", "proc", "PTCA", "angioplasty of coronary artery"),
    CodeRow("250.00", "dx", "DMII wo cmp", "diabetes mellitus without complication"),
    CodeRow("250.01", "dx", "DMI wo cmp", "diabetes mellitus type one"),
    CodeRow("401.9", "dx", "Hypertension NOS", "unspecified essential hypertension"),
    CodeRow("428.0", "dx", "CHF NOS", "congestive heart failure unspecified"),
    CodeRow("584.9", "dx", "Acute kidney failure", "acute kidney failure unspecified"),
]
TITLE_WORDS = " ".join(row.title for row in CODES).lower().split()
WORDS = sorted({*TITLE_WORDS, "patient", "was", "seen", "home"})
LEARNS = [kind for kind, system in SYSTEMS.items() if system.model is not None]
TINY: dict[str, Any] = {
    "dim": 12,
    "dropout": 0.0,
    "hidden": 8,
    "attention": 8,
    "filters": 8,
    "feed_forward": 16,
    "modules": 1,
    "convolutions": 1,
    "projection": 4,
    "kernels": "3,4",
    "precision": "float32",
    "stored": "float32",
}


def made(kind: str, **changes: Any) -> Model:
    """A small new model over WORDS and CODES with seeded random word vectors."""
    torch.manual_seed(1)
    system = SYSTEMS[kind]
    config = next(iter(system.presets.values())).config
    assert isinstance(config, Training) and system.model is not None
    wanted = {name: value for name, value in (TINY | changes).items() if hasattr(config, name)}
    config = replace(config, **wanted)
    dim = config.dim if isinstance(config, Embedded) else 0
    vectors = torch.randn(len(WORDS) + 2, dim)
    vectors[0] = 0
    titles = torch.zeros(len(CODES), 0).long()
    if isinstance(config, Embedded):
        titles = title_ids(config, CODES, WORDS)
    rarity = torch.cat([torch.zeros(2), torch.rand(len(WORDS)) + 1])
    return system.model(config, Start(vectors, vectors, titles, rarity, CODES))


def notes(count: int = 5, seed: int = 0) -> list[NDArray[np.int32]]:
    generator = np.random.default_rng(seed)
    drawn = []
    for size in generator.integers(1, 30, count):
        drawn.append(generator.integers(1, len(WORDS) + 2, size).astype(np.int32))
    return drawn


@pytest.mark.parametrize("kind", LEARNS)
def test_a_padded_batch_gives_what_single_notes_give(kind: str) -> None:
    model, some = made(kind).eval(), notes()
    ids, mask = padded(some)
    assert mask is not None
    together = model(ids, mask)
    assert together.shape == (len(some), len(CODES))
    alone = torch.cat([model(*padded([note])) for note in some])
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=1e-5)
    rows = torch.tensor([4, 1])
    torch.testing.assert_close(model(ids, mask, rows), together[:, rows], atol=1e-5, rtol=1e-5)


# MultiResCNN's mask has a test of its own: the next.
@pytest.mark.parametrize("kind", [kind for kind in LEARNS if kind != "multirescnn"])
def test_training_on_a_padded_batch_moves_what_single_notes_move(kind: str) -> None:
    some, targets = notes(3), torch.eye(len(CODES))[:3]
    gradients = []
    for batch in ([0, 1, 2],), ([0], [1], [2]):
        model = made(kind).train()
        for part in batch:
            ids, mask = padded([some[i] for i in part])
            model.loss(ids, mask, None, targets[part], torch.ones(len(CODES))).backward()
        gradients.append(
            {name: value.grad for name, value in model.named_parameters() if value.requires_grad}
        )
    for name, value in gradients[0].items():
        assert value is not None, name
        torch.testing.assert_close(value, gradients[1][name], atol=1e-4, rtol=1e-4)


def test_batch_norm_sees_words_only() -> None:
    some = notes(3)
    longest = max(map(len, some))
    outputs = []
    for extra in (0, 40):
        model = made("multirescnn").train()
        ids = torch.zeros(3, longest + extra, dtype=torch.long)
        for i, note in enumerate(some):
            ids[i, : len(note)] = torch.from_numpy(note)
        outputs.append((model(ids, ids != 0), dict(model.named_buffers())))
    torch.testing.assert_close(outputs[0][0], outputs[1][0], atol=1e-5, rtol=1e-5)
    for name, value in outputs[0][1].items():
        torch.testing.assert_close(value, outputs[1][1][name], atol=1e-5, rtol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("kind", LEARNS)
def test_it_learns_a_handful_of_notes(kind: str) -> None:
    model = made(kind, title_words="unknown").train()
    some = notes(4, seed=3)
    ids, mask = padded(some)
    targets = torch.zeros(4, len(CODES))
    targets[range(4), [0, 1, 3, 4]] = 1
    targets[2, 5] = 1
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.Adam(weights, lr=0.02)
    for _ in range(250):
        optimizer.zero_grad()
        model.loss(ids, mask, None, targets, torch.ones(len(CODES))).backward()
        optimizer.step()
    plain = torch.nn.functional.binary_cross_entropy_with_logits(model(ids, mask), targets)
    assert plain < 0.03
    assert all(weight.grad is not None and weight.grad.abs().sum() > 0 for weight in weights)


@pytest.mark.parametrize("kind", LEARNS)
def test_the_parts_add_up_to_the_logit(kind: str) -> None:
    model = made(kind)
    reader = Reader(model)
    for note in (notes()[0], np.array([3], np.int32), np.zeros(0, np.int32)):
        logits, columns = reader.logits(note), [5, 0, 2]
        bias, weights = reader.parts(note, columns)
        assert weights.shape == (3, max(len(note), 1))
        np.testing.assert_allclose(bias + weights.sum(1), logits[columns], atol=1e-4)


def test_weights_of_codes_dr_caml_never_met_come_from_their_titles() -> None:
    model = made("drcaml").train()
    ids, mask = padded(notes(2))
    targets = torch.zeros(2, len(CODES))
    targets[0, 1] = targets[1, 3] = 1
    model.loss(ids, mask, None, targets, torch.ones(len(CODES))).backward()
    assert model.met.tolist() == [False, True, False, True, False, False]
    reader, note = Reader(model), notes()[1]
    learned = model(*padded([note]))[0].detach().numpy()
    logits = reader.logits(note)
    np.testing.assert_allclose(logits[[1, 3]], learned[[1, 3]], atol=1e-5)
    assert np.abs(logits[[0, 2]] - learned[[0, 2]]).max() > 1e-3
    bias, weights = reader.parts(note, range(6))
    np.testing.assert_allclose(bias + weights.sum(1), logits, atol=1e-3)


def test_a_category_of_joint_laat_is_true_where_a_code_of_it_is() -> None:
    model = made("jointlaat")
    assert model.category_of.tolist() == [4, 0, 0, 1, 2, 3]
    ids, mask = padded(notes(2))
    targets = torch.zeros(2, len(CODES))
    targets[0, [1, 2]] = 1
    whole = model.loss(ids, mask, None, targets, torch.ones(len(CODES)))
    rows = torch.tensor([1, 2, 5, 0, 3, 4])
    sampled = model.loss(ids, mask, rows, targets[:, rows], torch.ones(len(CODES)))
    torch.testing.assert_close(whole, sampled)


def test_recurrent_layers_read_as_packed_ones_do() -> None:
    model = made("bigru")
    packed = torch.nn.GRU(12, 8, batch_first=True, bidirectional=True)
    with torch.no_grad():
        for name, value in model.gru.onward.named_parameters():
            getattr(packed, name).copy_(value)
        for name, value in model.gru.back.named_parameters():
            getattr(packed, f"{name}_reverse").copy_(value)
    ids, mask = padded(notes(4))
    assert mask is not None
    words = torch.nn.utils.rnn.pack_padded_sequence(
        model.note_words(ids), mask.sum(1), batch_first=True, enforce_sorted=False
    )
    _, last = packed(words)
    expected = torch.cat([last[0], last[1]], -1) @ model.linear.weight.T + model.linear.bias
    torch.testing.assert_close(model(ids, mask), expected, atol=1e-5, rtol=1e-5)


def test_tf_idf_is_scikit_learns() -> None:
    from sklearn.feature_extraction.text import TfidfTransformer

    from rac_model.models.linear import feature_matrix

    some = notes(8, seed=5)
    counts = np.stack([np.bincount(note, minlength=len(WORDS) + 2) for note in some])[:, 2:]
    transform = TfidfTransformer(sublinear_tf=True)
    expected = transform.fit_transform(counts).toarray()
    model = made("svm")
    with torch.no_grad():
        model.rarity[2:] = torch.from_numpy(transform.idf_).float()
    np.testing.assert_allclose(feature_matrix(model, some).toarray()[:, 2:], expected, atol=1e-6)
