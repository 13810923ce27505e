"""How good are sets of codes? Pure NumPy and SciPy. `python -m benchmark.metrics --help`; definitions: docs/metrics.md.

A rater gives a set of codes to each note. `compare.compare` scores raters against a reference, `agreement` scores two
raters against each other, `ranking` and `auc` score a model's probabilities, `bootstrap` says how sure the figures are,
`tables` lays them out.
"""
