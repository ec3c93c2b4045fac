"""A folder in which backends are installed, as pip would have done it."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def install(folder: Path, backends: Mapping[str, str], prefix: str = "kind") -> None:
    """Install backends, as one distribution.

    Args:
        folder: where; whoever has it on the path has the backends.
        backends: the code of each, by its name.
        prefix: what the names of their modules begin with, before `_` and the backend's name.
    """
    info = folder / f"{prefix}-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {prefix}\nVersion: 1\n")
    names = "".join(f"{name} = {prefix}_{name}\n" for name in backends)
    (info / "entry_points.txt").write_text(f"[hellokit.backends]\n{names}")
    for name, code in backends.items():
        (folder / f"{prefix}_{name}.py").write_text(dedent(code))
