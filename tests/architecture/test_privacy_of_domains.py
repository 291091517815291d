"""A domain's tables, queries and rules are its own: others go through its service."""

import grimp
import pytest

PRIVATE = frozenset({"models", "queries", "rules"})
# Not domains: the ground everybody stands on, and the one that must know every table.
SHARED = frozenset({"core", "migrations"})


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("api", cache_dir=None)


def test_no_domain_reaches_into_another(graph: grimp.ImportGraph) -> None:
    assert _reaching(graph) == []


def test_check_sees_a_reach_into_another_domain(graph: grimp.ImportGraph) -> None:
    graph.add_import(importer="api.left.service", imported="api.right.queries")
    graph.add_import(importer="api.left.service", imported="api.left.rules")
    try:
        seen = [line for line in _reaching(graph) if "api.left" in line]
        assert seen == ["api.left.service -> api.right.queries"]
    finally:
        graph.remove_module("api.left.service")
        graph.remove_module("api.right.queries")
        graph.remove_module("api.left.rules")


def _reaching(graph: grimp.ImportGraph) -> list[str]:
    return sorted(
        f"{importer} -> {imported}"
        for imported in graph.modules
        if _is_private(imported)
        for importer in graph.find_modules_that_directly_import(imported)
        if _domain(importer) not in {_domain(imported), *SHARED}
    )


def _is_private(module: str) -> bool:
    parts = module.split(".")
    return len(parts) > 2 and parts[1] not in SHARED and bool(PRIVATE & set(parts[2:]))


def _domain(module: str) -> str:
    return ".".join(module.split(".")[1:2])
