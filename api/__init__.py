"""Careline's service: channels, conversations, gateway, console."""
