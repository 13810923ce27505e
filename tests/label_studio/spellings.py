"""Ways to write somebody else's id into a JSON body, and places to hide it in."""

from __future__ import annotations

from collections.abc import Callable

ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")

# How an id may be written: number -> JSON.
SPELLINGS: dict[str, Callable[[int], str]] = {
    "number": lambda number: f"{number}",
    "string": lambda number: f'"{number}"',
    "list": lambda number: f"[{number}]",
    "list of strings": lambda number: f'["{number}"]',
    "dict": lambda number: f'{{"id": {number}}}',
    "float": lambda number: f"{number}.0",
    "exponent": lambda number: f"{number}e0",
    "leading zero": lambda number: f'"0{number}"',
    "blank before": lambda number: f'" {number}"',
    "blank behind": lambda number: f'"{number} "',
    "line break": lambda number: f'"{number}\\n"',
    "plus": lambda number: f'"+{number}"',
    "other digits": lambda number: f'"{str(number).translate(ARABIC)}"',
    "escaped digits": lambda number: (
        '"' + "".join(f"\\u{ord(digit):04x}" for digit in str(number)) + '"'
    ),
    "true": lambda number: "true",
    "constant": lambda number: "NaN",
    "enormous": lambda number: f"{number}{'0' * 5000}",
}

# Where a key with its value may stand beside or in an answer: '"task": 7' -> body.
PLACES: dict[str, Callable[[str], str]] = {
    "beside the answer": lambda pair: f'{{"result": [], "lead_time": 1, {pair}}}',
    "before the answer": lambda pair: f'{{{pair}, "result": [], "lead_time": 1}}',
}
NESTED: dict[str, Callable[[str], str]] = {
    "instead of the items": lambda pair: f'{{"result": {{{pair}}}}}',
    "in an item": lambda pair: f'{{"result": [{{"type": "choices", {pair}}}]}}',
    "in a value": lambda pair: (
        f'{{"result": [{{"type": "choices", "value": {{"choices": ["401.9"], {pair}}}}}]}}'
    ),
    "in a choice": lambda pair: (
        f'{{"result": [{{"type": "choices", "value": {{"choices": [{{{pair}}}]}}}}]}}'
    ),
    "in the meta of an item": lambda pair: (
        f'{{"result": [{{"type": "choices", "meta": {{{pair}}}}}]}}'
    ),
    "in a number": lambda pair: f'{{"result": [], "lead_time": {{{pair}}}}}',
    "in a list of a word": lambda pair: f'{{"result": [], "started_at": [{{{pair}}}]}}',
    "in a list around": lambda pair: f'[{{"result": [], {pair}}}]',
}
