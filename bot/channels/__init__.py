"""The ways into the engine: one."""
