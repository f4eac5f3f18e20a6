"""The files that readers carry away, made of sections that passed."""
