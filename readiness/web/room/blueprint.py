"""Where the pages of a room hang on."""

from flask import Blueprint

blueprint = Blueprint("room", __name__)
