"""The owner's way: start, about the company, the questions, check, submit, result."""

from readiness.web.owner import (  # noqa: F401  (they add routes)
    check,
    company,
    compare,
    consultants,
    delete,
    downloads,
    links,
    move,
    news,
    offline,
    questions,
    result,
    start,
)
from readiness.web.owner.blueprint import blueprint

__all__ = ["blueprint"]
