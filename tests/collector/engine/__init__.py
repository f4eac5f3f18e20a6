"""Runs sections in processes of their own and reports each run."""
