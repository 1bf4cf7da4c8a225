"""The rules: pure functions over frozen data. Standard library only, no I/O, clock, locale or float."""
