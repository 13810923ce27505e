"""Which numbers inference multiplies in, and what this CPU is fast at."""

from __future__ import annotations

import os
from functools import cache

import torch

from rac_model.config import ConfigError

WIDE = 128
"""Narrower networks gain little from 16-bit products, which may move a probability across .5."""
PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16}


def precision(width: int, device: str = "cpu") -> torch.dtype:
    """Numbers that inference multiplies in, for a network of this hidden width.

    RAC_PRECISION, else bfloat16 for a wide network on a CPU that has it. Sums, softmax and layer
    norms are float32 either way. RAC_PRECISION=float32 gives the same on every CPU.
    """
    asked = os.environ.get("RAC_PRECISION")
    if asked and asked not in PRECISIONS:
        raise ConfigError(f"RAC_PRECISION={asked!r} is none of {', '.join(PRECISIONS)}")
    if asked:
        return PRECISIONS[asked]
    if device == "cpu" and width >= WIDE and multiplies_bfloat16():
        return torch.bfloat16
    return torch.float32


@cache
def fused_attention_is_fast() -> bool:
    """Whether PyTorch's fused attention is the fastest way in bfloat16: on a CPU with AMX.

    Elsewhere it gains nothing from bfloat16, and plain products of blocks do
    (`rac_model.models.rac.attend_in_blocks`).
    """
    return bool(torch.cpu.get_capabilities().get("amx_bf16"))


@cache
def multiplies_bfloat16() -> bool:
    """Whether this CPU multiplies bfloat16 matrices in hardware (AMX or AVX512-BF16)."""
    has = torch.cpu.get_capabilities()
    return bool(has.get("amx_bf16") or has.get("avx512_bf16"))
