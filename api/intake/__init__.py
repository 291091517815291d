"""Forms: any FHIR Questionnaire asked in the conversation, one question at a time.

Owns what is asked next and what an answer means; the answers themselves are in the record.
"""
