"""Measures the collector against a floor and against other runners of code in documentation.

``python tests/bench`` prints a table of ratios, all measured in the same run:

    a  the whole site: ours, and a bare fork for each section that only executes it
    b  a synthetic corpus: ours, three other runners, and the floor
    c  a build with nothing changed: with the gate, and MkDocs alone
    d  one edited section under serve, saved to reloaded: likewise
    e  growth of ours with the number of sections, in time and memory

Nothing here is a test and nothing is judged; ``tests/bench/test_bench.py`` holds that
every contender runs every section.  Linux only: memory is read from ``/proc``.
"""
