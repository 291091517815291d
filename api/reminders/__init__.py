"""Reminders of medicines and visits: plans, due times, prompts, and what people answer.

Owns when something is due and what became of it; whether a text may go is the send gate's.
"""
