"""Every read of the annotation side, by topic. Nothing here writes."""
