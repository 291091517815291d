"""A small, honest FHIR R4 repository on Postgres, with the time authority for booking.

Owns resources, their history and index, and who has which time. Not access rights, not audit.
"""
