"""The append-only record of who did what to whose data.

Owns audit rows, their search and their form as IHE BALP AuditEvents. Decides nothing.
"""
