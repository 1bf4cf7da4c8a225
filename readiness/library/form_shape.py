"""What the forms of files look like from inside: the keys of a mapping, and the type below each."""

from __future__ import annotations

from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel


def keys_of(form: Any) -> tuple[str, ...]:
    """Return the keys that a form takes as they are written in its file, in their order; none if it is no form."""
    model = _model(form)
    return tuple(field.alias or name for name, field in model.model_fields.items()) if model else ()


def inside(form: Any, step: int | str) -> Any:
    """Return the type below one key or item of a form, None if nothing is known of it."""
    model = _model(form)
    if model is not None:
        named = {field.alias or name: field.annotation for name, field in model.model_fields.items()}
        return named.get(str(step))
    return next((get_args(member)[-1] for member in _members(form) if get_origin(member) in (dict, list)), None)


def _model(form: Any) -> type[BaseModel] | None:
    return next((each for each in _members(form) if isinstance(each, type) and issubclass(each, BaseModel)), None)


def _members(form: Any) -> Iterator[Any]:
    """Yield the types that *form* may be: the members of a union, without annotations."""
    origin = get_origin(form)
    if origin is Annotated:
        yield from _members(get_args(form)[0])
    elif origin in (Union, UnionType):
        for member in get_args(form):
            yield from _members(member)
    else:
        yield form
