"""The dialogue engine through its own small input channel."""
