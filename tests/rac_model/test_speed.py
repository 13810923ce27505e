"""What makes RAC fast changes no answer, and it is faster than the formulas as they stand."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from rac_model.config import ConfigError
from rac_model.models import precision as precision_module
from rac_model.models import rac as rac_module
from rac_model.models.base import Start
from rac_model.models.precision import precision
from rac_model.models.rac import Rac, RacConfig, attend, attend_in_blocks, distinct
from tests.bench.clock import in_turns
from tests.bench.rac import flops, plain
from tests.rac_model import reference

pytestmark = pytest.mark.slow

CONFIG = replace(RacConfig(), modules=2, near_identity=1.5, branch_scale=0.1, last_gain=2.0)
WORDS, CODES, LENGTH = 2000, 400, 200


@pytest.fixture(scope="module")
def rac() -> Rac:
    """Of the published width, with titles that attend sharply, so that logits differ."""
    torch.manual_seed(5)
    vectors = torch.randn(WORDS, 300) * 0.8
    vectors[0] = 0
    titles = torch.randint(2, WORDS, (CODES, 8))
    titles[torch.arange(8) >= torch.randint(2, 9, (CODES, 1))] = 0
    return Rac(CONFIG, Start(vectors, vectors, titles, torch.ones(WORDS), [None] * CODES)).eval()


def a_note(rac: Rac, seed: int) -> torch.Tensor:
    """Ids (1, n): the titles of ten codes among words at random."""
    draw = torch.Generator().manual_seed(seed)
    ids = torch.randint(2, WORDS, (LENGTH + seed,), generator=draw)
    for place, code in enumerate(torch.randperm(CODES, generator=draw)[:10].tolist()):
        title = rac.titles[0, code]
        title = title[title != 0]
        ids[20 * place : 20 * place + len(title)] = title
    return ids[None]


def both(rac: Rac, ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """(L,) as inference gives them, and by the formulas with the note padded."""
    with torch.inference_mode():
        return rac.eval().logits(ids), reference.logits(rac, [ids[0].numpy()], 300)[0]


@pytest.mark.parametrize("seed", range(6))
def test_float32_equals_the_formulas(rac: Rac, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAC_PRECISION", "float32")
    given, right = both(rac, a_note(rac, seed))
    assert right.std() > 0.02, "logits that are all alike show nothing"
    torch.testing.assert_close(given, right, atol=1e-4, rtol=0)


@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize("seed", range(1, 7))
def test_bfloat16_gives_the_same_top_15(
    rac: Rac, seed: int, fused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAC_PRECISION", "bfloat16")
    monkeypatch.setattr(rac_module, "fused_attention_is_fast", lambda: fused)
    given, right = both(rac, a_note(rac, seed))
    assert not torch.equal(given, right), "16-bit products were asked for"
    fifteenth, next_one = right.topk(16).values[-2:]
    assert fifteenth - next_one > 0.005, "between near ties the numbers' length decides"
    assert set(given.topk(15).indices.tolist()) == set(right.topk(15).indices.tolist())


def test_the_plain_forward_of_the_bench_equals_the_formulas(rac: Rac) -> None:
    ids = a_note(rac, 0)
    with torch.inference_mode():
        titles = reference.title_vectors(rac)
        torch.testing.assert_close(
            plain(rac, ids, titles), reference.on_titles(rac, ids, titles), atol=1e-5, rtol=0
        )


def test_the_formula_of_the_work_is_what_pytorch_counts(
    rac: Rac, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for the sum over positions, 2nL, the readout, 2nd, and heads of 304 for 300.

    The kept titles cost nothing.

    The fused attention of CPUs is not counted, so the plain one is taken.
    """
    monkeypatch.setenv("RAC_PRECISION", "float32")
    ids = a_note(rac, 0)
    with torch.no_grad():
        rac.eval().logits(ids)
        with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
            rac.logits(ids)
    padded_heads = 4 * LENGTH**2 * 4 * CONFIG.modules
    rest = 2 * LENGTH * (CODES + CONFIG.dim) + padded_heads
    assert counter.get_total_flops() == pytest.approx(flops(CONFIG, LENGTH, CODES) + rest, rel=1e-3)


def test_the_published_size_costs_what_the_paper_s_shapes_say() -> None:
    assert flops(RacConfig(), 4096, 8921) == pytest.approx(146e9, rel=0.01)
    assert flops(RacConfig(), 1513, 8921) == pytest.approx(35e9, rel=0.01)


def test_inference_is_faster_than_the_padded_formulas(
    rac: Rac, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a factor of twenty where nothing else runs; less is asked, since something may."""
    monkeypatch.delenv("RAC_PRECISION", raising=False)
    ids = a_note(rac, 0)
    with torch.inference_mode():
        rac.eval().logits(ids)
        titles, padded = reference.title_vectors(rac), torch.nn.functional.pad(ids, (0, 1000))
        ways = {
            "own": lambda: rac.logits(ids),
            "padded": lambda: reference.on_titles(rac, padded, titles),
        }
        seconds = in_turns(ways)
    assert seconds["padded"] > 3 * seconds["own"]


def test_16_bits_are_for_wide_networks_on_a_cpu_that_has_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("RAC_PRECISION", raising=False)
    for has, wide in ((True, torch.bfloat16), (False, torch.float32)):
        monkeypatch.setattr(precision_module, "multiplies_bfloat16", lambda has=has: has)
        assert precision(300) == wide
        assert precision(64) == precision(300, "cuda") == torch.float32


def test_the_precision_can_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAC_PRECISION", "bfloat16")
    assert precision(16) == torch.bfloat16
    monkeypatch.setenv("RAC_PRECISION", "float32")
    assert precision(300) == torch.float32
    monkeypatch.setenv("RAC_PRECISION", "half")
    with pytest.raises(ConfigError, match="RAC_PRECISION='half' is none of float32, bfloat16"):
        precision(300)


@pytest.mark.parametrize("length", [1, 255, 256, 257, 700])
def test_attention_in_blocks_is_attention(length: int) -> None:
    draw = torch.Generator().manual_seed(length)
    query, key, value = (torch.randn(2, length, 24, generator=draw) for _ in range(3))
    torch.testing.assert_close(
        attend_in_blocks(query, key, value), attend(query, key, value, None), atol=1e-5, rtol=0
    )


def test_distinct_is_unique_without_sorting() -> None:
    ids = torch.randint(0, 50, (2, 30, 7), generator=torch.Generator().manual_seed(3)) * 2
    for given, right in zip(distinct(ids, 100), ids.unique(return_inverse=True), strict=True):
        assert torch.equal(given, right)


@pytest.mark.parametrize(
    ("has", "fused"),
    [({"amx_bf16": True, "avx512_bf16": True}, True), ({"avx512_bf16": True}, False), ({}, False)],
)
def test_without_amx_attention_is_multiplied_in_blocks(
    rac: Rac, has: dict[str, bool], fused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAC_PRECISION", "bfloat16")
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: has)
    monkeypatch.setattr(
        rac_module, "fused_attention_is_fast", precision_module.fused_attention_is_fast.__wrapped__
    )
    calls = []

    def counted(*parts: torch.Tensor) -> torch.Tensor:
        calls.append(parts[0].dtype)
        return attend_in_blocks(*parts)

    monkeypatch.setattr(rac_module, "attend_in_blocks", counted)
    with torch.inference_mode():
        rac.eval().logits(a_note(rac, 1))
    assert calls == ([] if fused else [torch.bfloat16] * CONFIG.modules)


def test_training_never_takes_the_blocks(rac: Rac, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rac_module, "fused_attention_is_fast", lambda: False)
    monkeypatch.setattr(rac_module, "attend_in_blocks", None)
    with torch.autocast("cpu", torch.bfloat16):
        rac(a_note(rac, 1), None)


def test_what_the_cpu_has_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    fast = {"amx_bf16": True, "avx512_bf16": True, "avx2": False}
    for capability, expected in fast.items():
        has = {capability: True}
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda has=has: has)
        assert precision_module.multiplies_bfloat16.__wrapped__() is expected
