"""People: who is on a number, who somebody says they are, what their record says of them.

Reads the FHIR record through the gateway; owns no copy of it.
"""
