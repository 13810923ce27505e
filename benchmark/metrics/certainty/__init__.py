"""How sure figures are: intervals over resampled notes, and paired tests."""
