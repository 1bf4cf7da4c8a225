"""The owner's way: start, about the company, the questions, check, submit, result."""

from readiness.web.owner import (  # noqa: F401  (they add routes)
    actions,
    again,
    check,
    company,
    compare,
    consultants,
    delete,
    downloads,
    evidence,
    links,
    move,
    news,
    offline,
    questions,
    reminders,
    result,
    signing,
    start,
    trend,
)
from readiness.web.owner.blueprint import blueprint

__all__ = ["blueprint"]
