"""Finds every handler: a module of this package that has HANDLER. A duplicate intent stops the start."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import handlers
from handlers.contract import Handler, Intent


class DuplicateIntent(RuntimeError):
    """Two handler modules claim one intent. Remove or rename one; a retry does not help."""


@cache
def all_handlers() -> Mapping[Intent, Handler]:
    """Every handler by its intent, in alphabetical order of module."""
    found: dict[Intent, Handler] = {}
    for module_info in pkgutil.iter_modules(handlers.__path__):
        module = importlib.import_module(f"handlers.{module_info.name}")
        handler = getattr(module, "HANDLER", None)
        if handler is None:
            continue
        if handler.intent in found:
            raise DuplicateIntent(f"{module.__name__} claims the intent {handler.intent!r} a second time")
        found[handler.intent] = handler
    return MappingProxyType(found)


def handler_for(intent: Intent) -> Handler:
    """The handler of `intent`; KeyError if there is none."""
    return all_handlers()[intent]
