"""How good are sets of codes? Pure NumPy and SciPy.

`python -m benchmark.metrics --help` is its command line; docs/metrics.md defines every figure.

A rater gives a set of codes to each note. `sets/compare.py` scores raters against a reference,
`sets/agreement.py` raters against each other, `probabilities/` a model's probabilities;
`certainty/` says how sure the figures are, and `tables/` lays them out.
"""
