"""The only door to clinical data: decides every access, writes its audit row, asks the store.

Owns scopes, turn tokens and the rules of access. Not the store, not the HTTP face.
"""
