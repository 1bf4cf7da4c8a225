"""Where the owner's routes are gathered."""

from flask import Blueprint

blueprint = Blueprint("owner", __name__)
