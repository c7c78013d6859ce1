"""Public test material that lies beside the checkout, where it does."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def material(folder: str) -> Path:
    """The folder of that name; the test that asks is skipped, loudly, where it is absent."""
    path = SHARED / folder
    if not path.is_dir():
        reason = f"NOT TESTED: no public test material at ../shared/data/{folder} beside the checkout"
        warnings.warn(reason, stacklevel=2)
        pytest.skip(reason)
    return path
