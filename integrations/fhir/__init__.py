"""Adapters to FHIR R4 stores."""
