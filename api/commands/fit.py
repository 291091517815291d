"""Starting only when fit: a process with a missing or weak secret must not serve anybody."""

import typer

from api.core.settings import Settings, load_settings, problems


def fit_settings() -> Settings:
    """The settings of this process, or an end that says which key is wrong and why."""
    settings = load_settings()
    found = problems(settings)
    if found:
        typer.echo("\n".join(found), err=True)
        raise typer.Exit(1)
    return settings
