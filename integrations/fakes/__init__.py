"""In-memory twins of the ports, for tests: they behave like the originals, faults included."""
