"""The room of a guided session as its participants have it on their phones, without account."""

from readiness.web.room import join, seat
from readiness.web.room.blueprint import blueprint

__all__ = ["blueprint", "join", "seat"]
