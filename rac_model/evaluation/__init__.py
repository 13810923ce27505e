"""Checkpoints measured: Table 2, and whether their evidence is a reason."""
