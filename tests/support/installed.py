"""Distributions as an installer leaves them behind, of one module each."""

from __future__ import annotations

import importlib
import shutil
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class Installed:
    """A folder on `sys.path` with distributions in it.

    Args:
        folder: the folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.modules: list[str] = []

    def add(
        self,
        distribution: str,
        source: str,
        *,
        backends: Mapping[str, str] | None = None,
        plugins: Mapping[str, str] | None = None,
        version: str = "1.0",
    ) -> str:
        """Install a distribution; return the name of its module.

        Args:
            distribution: its name.
            source: the text of its module.
            backends: what follows the module in the values of its backends, by name.
            plugins: the same of its plugins.
            version: its version.
        """
        module = distribution.replace("-", "_")
        (self.folder / f"{module}.py").write_text(source, encoding="utf-8")
        info = self.folder / f"{module}-{version}.dist-info"
        info.mkdir()
        metadata = f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n"
        (info / "METADATA").write_text(metadata, encoding="utf-8")
        lines = []
        for group, names in (("backends", backends), ("plugins", plugins)):
            lines.append(f"[hellokit.{group}]")
            lines += [f"{name} = {module}{rest}" for name, rest in (names or {}).items()]
        (info / "entry_points.txt").write_text("\n".join(lines), encoding="utf-8")
        self.modules.append(module)
        importlib.invalidate_caches()
        return module

    def remove(self, distribution: str) -> None:
        """Uninstall a distribution."""
        module = distribution.replace("-", "_")
        (self.folder / f"{module}.py").unlink()
        for info in self.folder.glob(f"{module}-*.dist-info"):
            shutil.rmtree(info)

    def forget(self) -> None:
        """Forget the modules that were imported."""
        for module in self.modules:
            sys.modules.pop(module, None)
