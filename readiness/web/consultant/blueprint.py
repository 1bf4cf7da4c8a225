"""Where the pages of the consultants' desk hang on."""

from flask import Blueprint

blueprint = Blueprint("consultant", __name__, url_prefix="/staff")
