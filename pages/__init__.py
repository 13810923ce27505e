"""Every HTML page, a file a page or a few of one kind. No models, no writes: those are in services."""
