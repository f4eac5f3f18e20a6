"""Runs every code block of the site and says which may be published; start with README.md.

Imports go one way: ``faults``, ``sections``, ``pages``, ``engine``, ``outputs``,
``receipts``, ``rules``, ``verifier``, then ``plugin`` (all that knows pytest) and ``gate``
(all that knows finished sites); ``tests/gate.py`` is all that knows MkDocs.
"""
