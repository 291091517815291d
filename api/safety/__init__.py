"""Safety: red flags and crises found in every inbound message, before anything else answers.

Not here: who is alerted and by when (escalations), and how texts are sent (messaging).
"""
