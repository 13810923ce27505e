"""Every HTML page; pages of one kind share a file. No models and no writes: see `services`."""
