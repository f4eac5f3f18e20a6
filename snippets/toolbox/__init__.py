"""The few functions that sections import; each is documented on a page."""
