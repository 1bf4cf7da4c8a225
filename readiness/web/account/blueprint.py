"""The pages of staff accounts."""

from flask import Blueprint

blueprint = Blueprint("account", __name__, url_prefix="/staff")
