"""How Sphinx builds the documentation."""

from __future__ import annotations

import sys
from importlib.metadata import version as version_of
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "hellokit"
author = "The hellokit authors"
release = version = version_of("hellokit")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "settings_table"]
exclude_patterns = ["_build"]
default_role = "code"  # docstrings write `name` for what is code
autodoc_member_order = "bysource"
python_maximum_signature_line_length = 88
myst_heading_anchors = 3

html_theme = "furo"
html_title = "hellokit"
html_static_path = ["_static"]
