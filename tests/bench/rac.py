"""RAC of full size: seconds a note, and its share of what the processor can do.

Beside plain ways to compute the same.
"""

from __future__ import annotations

import os
from dataclasses import replace
from unittest.mock import patch

import torch
import torch.nn.functional as F
from torch import Tensor

from rac_model.models import rac as rac_module
from rac_model.models.precision import fused_attention_is_fast, multiplies_bfloat16
from rac_model.models.rac import Rac, RacConfig
from tests.bench.clock import in_turns, per_second, product, timed
from tests.bench.full_size import CODES, made, note
from tests.rac_model import reference

LENGTHS, PADDED = (4096, 1513, 512), 4096
"""The longest note read, MIMIC's mean, a short one; the length that the reference pads to."""
CONFIG = replace(RacConfig(), near_identity=1.5, branch_scale=0.1, last_gain=2.0)
"""Published size. With the small preset's start titles attend sharply, as trained ones do."""
NOTES = 40
PRECISIONS = ("float32", "bfloat16")


def flops(config: RacConfig, words: int, codes: int) -> float:
    """Multiplications and additions of one note, titles kept, coder collapsed.

    35e9 at 1,513 words and 8,921 codes.
    """
    n, d = words, config.dim
    convolutions = 2 * config.convolutions * config.kernel * n * d**2
    module = 6 * n * d**2 + 4 * n**2 * d + 4 * n * d * config.feed_forward
    return convolutions + config.modules * module + 2 * codes * n * d


def plain(rac: Rac, ids: Tensor, queries: Tensor) -> Tensor:
    """The logits (1, L), computed as one would write it.

    The note alone, float32, PyTorch's fused attention for modules and coder.
    """
    x = rac.note_words(ids)
    for layer in rac.convolutions:
        x = reference.convolved(x, layer.conv)
    for module in rac.attentions:
        seen = F.scaled_dot_product_attention(module.query(x), module.key(x), module.value(x))
        x = module.norm_attention(x + seen)
        x = module.norm_forward(x + module.narrow(F.relu(module.wide(x))))
    return F.scaled_dot_product_attention(queries, x, x) @ rac.readout[0]


def in_precision(name: str) -> Rac:
    """RAC for inference, its titles kept, in float32 or bfloat16."""
    os.environ["RAC_PRECISION"] = name
    rac = made(CONFIG)
    assert isinstance(rac, Rac)
    rac.logits(note(32))
    return rac


def show() -> None:
    """Print it all."""
    racs = {name: in_precision(name) for name in PRECISIONS}
    queries = reference.title_vectors(racs["float32"])
    print(
        f"\nRAC, published size, {CODES} codes, random weights, titles kept; "
        "seconds a note, least of a few, in turns"
    )
    print(
        "words  GFLOP  "
        + "".join(f"{name:>10}" for name in (*PRECISIONS, "plain", "padded"))
        + "   plain/  padded/"
    )
    for words in LENGTHS:
        _show_length(racs, queries, words)
    _show_ties(racs["bfloat16"], queries)
    _show_titles(racs["float32"])


def _show_length(racs: dict[str, Rac], queries: Tensor, words: int) -> None:
    ids, exact = note(words), racs["float32"]
    padded = F.pad(ids, (0, PADDED - words))
    own = {name: lambda rac=rac: rac.logits(ids) for name, rac in racs.items()}
    products = {f"product {name}": product(getattr(torch, name)) for name in PRECISIONS}
    seconds = in_turns({**own, **products, "plain": lambda: plain(exact, ids, queries)})
    right = reference.on_titles(exact, ids, queries)[0]
    seconds["padded"] = timed(lambda: reference.on_titles(exact, padded, queries), 1)
    work = flops(CONFIG, words, CODES)
    best = seconds["bfloat16" if multiplies_bfloat16() else "float32"]
    row = "".join(f"{seconds[name]:10.3f}" for name in (*PRECISIONS, "plain", "padded"))
    print(
        f"{words:5}  {work / 1e9:5.1f}  {row}   "
        f"{seconds['plain'] / best:6.1f}  {seconds['padded'] / best:7.1f}"
    )
    for name in PRECISIONS:
        peak = per_second(seconds[f"product {name}"])
        speed = work / seconds[name]
        print(
            f"       {name}: {speed / 1e9:.0f} of {peak / 1e9:.0f} GFLOP a second, "
            f"{speed / peak:.0%} of the peak"
        )
    _show_agreement(racs, right, ids)
    _show_kernels(racs["bfloat16"], ids)


def _show_kernels(rac: Rac, ids: Tensor) -> None:
    """Both ways to multiply attention in bfloat16, whichever this processor takes."""

    def by(fused: bool) -> Tensor:
        with patch.object(rac_module, "fused_attention_is_fast", lambda: fused):
            return rac.logits(ids)

    seconds = in_turns({"fused": lambda: by(True), "blocks": lambda: by(False)})
    taken = "fused, for it has AMX" if fused_attention_is_fast() else "blocks, for it has no AMX"
    ratio = seconds["fused"] / seconds["blocks"]
    print(
        f"       bfloat16 by PyTorch's fused attention {seconds['fused']:.3f}, "
        f"in blocks {seconds['blocks']:.3f}   x {ratio:.2f}; this processor takes {taken}"
    )


def _show_agreement(racs: dict[str, Rac], right: Tensor, ids: Tensor) -> None:
    for name, rac in racs.items():
        given = rac.logits(ids)
        same = len({*given.topk(15).indices.tolist()} & {*right.topk(15).indices.tolist()})
        gap = (given - right).abs().max()
        print(f"       {name}: off the formulas by {gap:.1e} at most; {same} of its top 15")


def _show_ties(rac: Rac, queries: Tensor) -> None:
    """Which notes have another top 15 in bfloat16, and how near their 15th and 16th logit are."""
    gaps = []
    for words in range(400, 400 + NOTES):
        right = reference.on_titles(rac, note(words), queries)[0]
        best = right.topk(16)
        if {*rac.logits(note(words)).topk(15).indices.tolist()} != {*best.indices[:15].tolist()}:
            gaps.append(f"{best.values[14] - best.values[15]:.4f}")
    print(
        f"bfloat16: of {NOTES} notes {NOTES - len(gaps)} have the same top 15; "
        "in the others it ends between",
        end=" ",
    )
    print(f"logits that are apart by {', '.join(gaps)}" if gaps else "none")


def _show_titles(rac: Rac) -> None:
    packed, padded = timed(rac.encode_titles, 2), timed(lambda: reference.title_vectors(rac), 1)
    print(f"titles, once a checkpoint: {packed:.2f} s packed, {padded:.2f} s padded")
