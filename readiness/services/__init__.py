"""Use cases: one module per story, one transaction each; the only place that commits."""
