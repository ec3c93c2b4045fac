"""The plugin: serves where a variable says so, and adds a subcommand.

Every kit imports it, so it imports what serves only when it is to serve.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace, _SubParsersAction

    from hellokit import Kit

PORT, ADDR = "HELLOKIT_PROMETHEUS_PORT", "HELLOKIT_PROMETHEUS_ADDR"


def hellokit_started(kit: Kit) -> None:
    """Serve what this process greets, if `HELLOKIT_PROMETHEUS_PORT` is set."""
    if port := os.environ.get(PORT, "").strip():
        from hellokit_prometheus.process import process

        process.show(kit, port, os.environ.get(ADDR, "").strip() or "127.0.0.1")


def hellokit_commands(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Add `hellokit prometheus-rules`."""
    parser = subparsers.add_parser(
        "prometheus-rules",
        help="print alert rules for Prometheus, with the thresholds of the settings in force",
    )
    parser.set_defaults(run=_print_rules)


def _print_rules(_: Namespace) -> None:
    import sys

    import hellokit
    from hellokit_prometheus.ruleset import rules

    sys.stdout.write(rules(hellokit.settings()))
