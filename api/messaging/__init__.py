"""Messages in and out: webhooks, inbox, outbox, the send-time gate, words, expectations.

Owns threads (a channel and an address), what came in, what goes out and what became of it. Does
not decide what is answered: that is `conversations`.
"""
