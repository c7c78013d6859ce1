"""Pages for the browser, worded by Jinja2 with everything escaped."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"


class Pages:
    """Words pages. Safe to share between threads."""

    def __init__(self, templates: Path = TEMPLATES) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(templates),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )

    def page(self, template: str, context: Mapping[str, object]) -> str:
        """One page. Raises jinja2.TemplateError where the template lacks a fact."""
        return self._environment.get_template(template).render(context)
