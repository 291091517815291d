"""Domain-free ground: settings, database, clock, ids, errors, crypto, logging, events, jobs.

Knows nothing of patients, conversations or visits.
"""
