"""The pytest plugin: `--hellokit-backend`, the summary of contracts, and fixtures.

It is loaded in every pytest session where hellokit is installed, so it imports nothing before
there is something to do.
"""

from __future__ import annotations

import pytest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hellokit import Kit, Record


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("hellokit")
    group.addoption(
        "--hellokit-backend",
        action="append",
        default=[],
        metavar="NAME",
        help="run the contract of backends on an installed one, or on a chain (repeatable)",
    )
    group.addoption(
        "--hellokit-unsupported",
        action="append",
        default=[],
        metavar="CAPABILITY",
        help="a capability that these backends do without by design (repeatable)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Check the options; without paths, run nothing but what they ask for."""
    if config.option.hellokit_backend or config.option.hellokit_unsupported:
        from hellokit.testing.installed import prepare

        prepare(config)


def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Add the checks of the backends that the options name."""
    if config.option.hellokit_backend:
        from hellokit.testing.installed import collect

        items.extend(collect(session))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell in one line for each backend what its contract came to."""
    if any(
        name == "hellokit-contract"
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, _ in getattr(report, "user_properties", ())
    ):
        from hellokit.testing.summary import tell

        tell(terminalreporter)


@pytest.fixture
def hellokit_kit() -> Iterator[Kit]:
    """Return a kit of this test alone: default settings, and no plugin but what it registers."""
    from hellokit import Kit, Settings

    with Kit(Settings(), discover=False) as kit:
        yield kit


@pytest.fixture
def hellokit_records(hellokit_kit: Kit) -> Iterator[list[Record]]:
    """Return the records of `hellokit_kit`, one for each call of a backend."""
    from hellokit.testing import capture_records

    with capture_records(hellokit_kit) as records:
        yield records
