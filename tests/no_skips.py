"""A pytest plugin that fails a run in which a test was skipped or expected to fail: ``pytest -p tests.no_skips``.

A test that does not run proves nothing, and the line that reports it is easily missed. ``scripts/check`` loads this.
"""

from __future__ import annotations

import pytest

MODULES = "modules that were not run"
"""The name under which a process of pytest-xdist reports what it did not collect: xdist itself reports only tests."""


class NoSkips:
    """Collects what did not run and turns a passed run into a failed one because of it."""

    def __init__(self) -> None:
        self.modules: list[str] = []
        self.tests: list[str] = []

    @property
    def not_run(self) -> list[str]:
        """Each once: every process collects all modules."""
        return list(dict.fromkeys([*self.modules, *self.tests]))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note a module that skips itself as a whole."""
        if report.skipped:
            self.modules.append(report.nodeid)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object) -> None:
        """Take over what a process of pytest-xdist noted."""
        self.modules += getattr(node, "workeroutput", {}).get(MODULES, [])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a test that was skipped; an expected failure is reported as skipped too."""
        if report.skipped:
            self.tests.append(report.nodeid)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail a run that would have passed."""
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput[MODULES] = self.modules
        if self.not_run and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Name each test that did not run."""
        for nodeid in self.not_run:
            terminalreporter.write_line(f"not run, which fails this run: {nodeid}", red=True)


def pytest_configure(config: pytest.Config) -> None:
    """Register the plugin."""
    config.pluginmanager.register(NoSkips(), "no-skips")
