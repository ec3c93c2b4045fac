"""The blueprint of a new package: what it is called, and what its files hold."""

from __future__ import annotations

import json
import re
from string import Template

import attrs

from hellokit.testing.declarations import CONTRACT_VERSION

FILES = {
    ".gitignore": "gitignore",
    "README.md": "README.md",
    "pyproject.toml": "pyproject.toml",
    "src/$package/__init__.py": "$kind/package.py",
    "src/$package/py.typed": "py.typed",
    "tests/test_$module.py": "$kind/tests.py",
}
"""Each file of a package, and the template it is made of."""

WIDTH = 88
"""How many characters a line of code has, at most."""

# In plain text, a description is to look as it was given, whatever Markdown makes of it.
_MARKUP = re.compile(r"[\\`*_{}\[\]<>&#~|!]")


@attrs.frozen
class Kind:
    """What a kind of plugin has of its own.

    Attributes:
        group: the group of its entry point.
        value: what the entry point names, as a template.
        does: what it does, unless somebody says it better.
        trial: the arguments of `hellokit` that show it at work.
    """

    group: str
    value: str
    does: str
    trial: str


KINDS = {
    "backend": Kind(
        "hellokit.backends",
        "$package",
        "Greets with a wave.",
        "greet Ada --backend $name",
    ),
    "wrapping": Kind(
        "hellokit.backends",
        "$package",
        "Adds a wave to what another backend says.",
        "greet Ada --backend $name+plain",
    ),
    "sink": Kind(
        "hellokit.plugins",
        "$package:Journal",
        "Writes a line of JSON for each call.",
        "plugins",
    ),
    "wordings": Kind(
        "hellokit.plugins",
        "$package",
        "Greets in the language $locale.",
        "greet Ada --locale $locale",
    ),
}


@attrs.frozen
class Blueprint:
    """What a package is to be.

    Args:
        name: the plugin's name, in small letters, digits and single hyphens.
        kind: one of `KINDS`.
        version: the version of hellokit that it is made for.
        description: one line that says what it does; "" for what its kind does.
        author: who made it; "" leaves that out.
        locale: the canonical tag of its words, if it has any.

    >>> Blueprint("loud", "backend", "0.1.0").distribution
    'hellokit-loud'
    """

    name: str
    kind: str
    version: str
    description: str = ""
    author: str = ""
    locale: str = ""

    @property
    def distribution(self) -> str:
        """What is installed, and the name of its folder."""
        return f"hellokit-{self.name}"

    @property
    def trial(self) -> str:
        """The arguments of `hellokit` that show it at work."""
        return self._filled(KINDS[self.kind].trial)

    def files(self) -> dict[str, str]:
        """Return the text of each file, by its place in the package's folder."""
        return {
            self._filled(place): self._filled(_template(self._filled(template)))
            for place, template in FILES.items()
        }

    def _filled(self, template: str) -> str:
        return Template(template).substitute(self._words())

    def _words(self) -> dict[str, str]:
        """Return what templates may name, each quoted as its one place needs it."""
        kind, module = KINDS[self.kind], self.name.replace("-", "_")
        words = {
            "name": self.name,
            "kind": self.kind,
            "locale": self.locale,
            "module": module,
            "package": f"hellokit_{module}",
            "distribution": self.distribution,
            "title": self.name.title().replace("-", ""),
            "variable": f"HELLOKIT_{module.upper()}_JOURNAL",
            "contract": str(CONTRACT_VERSION),
            "group": kind.group,
            "requirement": requirement(self.version),
            "authors": authors(self.author),
        }
        does = self.description or Template(kind.does).substitute(words)
        return words | {
            "value": Template(kind.value).substitute(words),
            "description": quoted(does),
            "docstring": docstring(does),
            "does": _MARKUP.sub(r"\\\g<0>", does),
            "use": Template(_template(f"{self.kind}/use.md")).substitute(words),
        }


def requirement(version: str) -> str:
    """Return the versions of hellokit that go with a plugin made for one of them.

    >>> requirement("0.1.3"), requirement("1.4.2"), requirement("0.2.0rc1+local")
    ('hellokit>=0.1,<0.2', 'hellokit>=1.4,<2', 'hellokit>=0.2.0rc1,<0.3')
    """
    public = version.partition("+")[0]
    major, minor = map(int, re.findall(r"\d+", public)[:2])
    # No final version is older than its candidates: those need to be named in full.
    oldest = f"{major}.{minor}" if re.fullmatch(r"[\d.]+", public) else public
    newer = f"{major + 1}" if major else f"0.{minor + 1}"
    return f"hellokit>={oldest},<{newer}"


def authors(author: str) -> str:
    r"""Return the line of a `pyproject.toml` that names an author, or none.

    >>> authors("Ada Lovelace <ada@example.org>")
    'authors = [{ name = "Ada Lovelace", email = "ada@example.org" }]\n'
    """
    if not author:
        return ""
    name, _, address = author.partition("<")
    fields = {"name": name.strip(), "email": address.strip(" >")}
    told = ", ".join(f"{field} = {quoted(text)}" for field, text in fields.items() if text)
    return f"authors = [{{ {told} }}]\n"


def quoted(text: str) -> str:
    r"""Return one line of text as TOML writes it, which is how JSON writes it too.

    >>> print(quoted('a "b" \\ ${c} ü'))
    "a \"b\" \\ ${c} ü"
    """
    return json.dumps(text, ensure_ascii=False)


def docstring(text: str) -> str:
    r"""Return one line of text as it stands in a docstring, on as many lines as it takes.

    >>> print(docstring(r'The \N of "what"'))
    The \\N of \"what\"
    """
    from textwrap import fill

    escaped = text.replace("\\", r"\\").replace('"', r"\"")
    return fill(escaped, WIDTH, break_long_words=False, break_on_hyphens=False)


def _template(name: str) -> str:
    from importlib.resources import files

    folder = files("hellokit.commands") / "templates"
    return folder.joinpath(*f"{name}.tmpl".split("/")).read_text(encoding="utf-8")
