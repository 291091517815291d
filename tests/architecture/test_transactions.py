"""Only edges commit: a commit inside a helper leaves half a visit booked."""

import ast

from tests.architecture.source import place, product_files, tree_of

# Where transactions are opened, and two session-level locks that hold none.
MAY_COMMIT = frozenset({"api/core/db.py", "api/core/presence.py", "api/migrations/runner.py"})


def test_nothing_else_commits() -> None:
    committing = {place(file) for file in product_files("api") if _commits(tree_of(file))}
    assert committing <= MAY_COMMIT


def test_check_sees_a_commit() -> None:
    assert _commits(ast.parse("async def book(session):\n    await session.commit()\n"))
    assert not _commits(ast.parse("async def book(session):\n    await session.flush()\n"))


def _commits(tree: ast.Module) -> bool:
    return any(isinstance(node, ast.Attribute) and node.attr == "commit" for node in ast.walk(tree))
