"""Visits: reading what is wanted, finding times, holding one, booking it.

Owns half-made bookings and their dialogue. The truth of times, held or booked, is the FHIR
store's, behind the gateway.
"""
