"""The gateway's HTTP face: FHIR R4 REST, booking operations, metadata, the token endpoint.

Owns the wire: bodies, headers, bundles, outcomes. Decides nothing about access.
"""
