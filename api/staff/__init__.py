"""Staff: who may sign in, as whom, and what each role may do."""
