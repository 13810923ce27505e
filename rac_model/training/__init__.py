"""Training: from a corpus to a checkpoint."""
