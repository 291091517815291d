"""Conversations: who answers, in which order, and what was said.

Owns the state of a conversation, the router, the turns and the transcript. What a safety word
means is `safety`'s, what a visit is `scheduling`'s, how a message travels `messaging`'s.
"""
