"""The web chat: its protocol and its hosted page."""
