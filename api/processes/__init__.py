"""Our own processes on one machine: starts, watches and stops them; the embedded Postgres too.

Knows nothing of patients or conversations, and not what a process does. Only `careline up` uses it
to start something; others read the list of processes.
"""
