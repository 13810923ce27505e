"""Every write of the benchmark side, by topic: registering models, running them, comparing."""
