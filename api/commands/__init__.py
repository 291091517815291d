"""What the `careline` command does: one module a topic, each with its `commands`."""
