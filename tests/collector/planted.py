"""Sections that must fail, run beside the real ones; a machine that passes them is broken.

Read like every module of sections, never imported; see ``verifier``.
"""

# --8<-- [start:prints-something-else]
print("what runs")
# > what is shown
# --8<-- [end:prints-something-else]

# --8<-- [start:ends-in-an-error]
1 / 0  # noqa: B018
# --8<-- [end:ends-in-an-error]
