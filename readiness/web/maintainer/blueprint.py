"""Where the pages of the maintainers' desk hang on."""

from flask import Blueprint

blueprint = Blueprint("maintainer", __name__, url_prefix="/staff")
