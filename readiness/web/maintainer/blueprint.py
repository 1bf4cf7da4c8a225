"""Where the desk's routes are gathered."""

from flask import Blueprint

blueprint = Blueprint("maintainer", __name__, url_prefix="/staff")
