"""The engine's custom components: how people type, and what they mean by it."""
