"""The coordinator console: the team's pages, who may open them, and how they stay up to date.

Owns no facts: conversations, escalations, the record and the audit belong to their domains.
"""
