"""Our pages' common ground: templates, static files, policies, and what all of them look like.

Owns nothing that a page says.
"""
