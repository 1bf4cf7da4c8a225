"""The owner's way: start, about the company, the questions, check, submit, result."""

from readiness.web.owner import check, company, downloads, questions, result, start  # noqa: F401  (they add routes)
from readiness.web.owner.blueprint import blueprint

__all__ = ["blueprint"]
