"""Consent of a number to be texted: opt-in, opt-out, the words that count as either.

Owns the ledger, which must work while the FHIR store is away. Does not send anything.
"""
