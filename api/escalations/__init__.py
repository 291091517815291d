"""Escalations: what a person must look at, why, how urgently, and who was told.

Owns the rows, which must work while the FHIR store is away; the FHIR Task follows them.
"""
