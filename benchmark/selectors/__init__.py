"""Every read of the benchmark side, by topic. Nothing here writes."""
