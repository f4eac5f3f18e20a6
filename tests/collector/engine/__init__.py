"""Runs sections in processes of their own and reports each run."""

from collector.engine.runner import TIME_LIMIT, Run, Runner, RunnerError, libraries_of

__all__ = ["TIME_LIMIT", "Run", "Runner", "RunnerError", "libraries_of"]
