"""What `actions` calls beside FHIR: `/internal/v1`, on loopback, with the turn's token."""
