"""Everything that the pages show as code.

The modules beside this file hold sections: complete scripts between markers,
shown by the pages and run one by one, never imported.  ``toolbox`` holds the
few functions that sections import.
"""
