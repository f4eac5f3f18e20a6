"""Runs every code block of the site and says which may be published.

    page.md --embeds--> Section --run--> Run --compare--> faults --> Record
                                                            |          |
                                                         pytest   MkDocs gate

Imports go one way: ``faults``, ``sections``, ``outputs``, ``records``,
``runs``, ``markup``, ``pages``, then ``plugin`` (all that knows pytest) and ``gate.py``
beside this package (all that knows MkDocs' build).  ``engine`` runs sections in
other processes; see its README.
"""
