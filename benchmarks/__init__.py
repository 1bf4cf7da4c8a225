"""Measures the budgets of the design, as ratios in one run. ``python -m benchmarks --help`` says how."""
