"""The outside world: ports and their adapters. Never imports api."""
