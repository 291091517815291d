"""What the product asks of the outside world: protocols and values, no I/O, no vendor import."""
