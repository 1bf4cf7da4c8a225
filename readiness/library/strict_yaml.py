"""Strict YAML: plain values whose meaning no reader could take otherwise, and the line of each of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import MaxDepthExceededError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from readiness.core.wording import shown, shown_key

#: How deep lists and mappings may be nested; the deepest shipped file has eight levels.
DEEPEST_NESTING = 24
LONGEST_NUMBER = 18

#: Values that YAML 1.1 takes for true or false, and YAML 1.2 for a text.
AMBIGUOUS = re.compile(r"(?:yes|no|on|off)\Z", re.IGNORECASE)
_TOWER = re.compile(rf"(?:[\[{{][ \t]*){{{DEEPEST_NESTING + 1}}}")
_WHOLE = re.compile(r"[-+]?[0-9]+\Z")
#: Characters that a text cannot hold: they do not print, or have no UTF-8.
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a text of YAML: the place inside it, the problem, the remedy, the line from 1."""

    where: str
    problem: str
    remedy: str
    line: int | None


class NotStrict(ValueError):
    """A text is no strict YAML."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(fault.problem for fault in faults))
        #: Everything that was found, in the order of the lines.
        self.faults = tuple(faults)


def load(text: str) -> Any:
    """Return the plain content of a YAML text: mappings with text keys, lists, texts, whole numbers, true, false, null.

    :raises NotStrict: with everything that is wrong with it.
    """
    faults: list[Fault] = []
    root = compose(text)
    content = _plain(root, "", faults) if root is not None else None
    if faults:
        raise NotStrict(faults)
    return content


def compose(text: str) -> Node | None:
    """Return the tree of a YAML text, None if it is empty.

    :raises NotStrict: if it is no YAML.
    """
    tower = _TOWER.search(text)
    if tower:
        # The parser takes seconds for a thousand brackets, each of which could begin a key.
        raise NotStrict([_too_deep(text.count("\n", 0, tower.end()) + 1)])
    reader = YAML(typ="safe", pure=True)
    reader.max_depth = DEEPEST_NESTING
    try:
        return reader.compose(text)  # type: ignore[no-any-return]
    except MaxDepthExceededError as error:
        raise NotStrict([_too_deep(_line(error.problem_mark))]) from None
    except MarkedYAMLError as error:
        line = _line(error.problem_mark or error.context_mark)
        said = " ".join(str(error.problem or error.context).split())
        remedy = "indent by spaces, never tabs" if "'\\t'" in said else "look at this line and the one above it"
        raise NotStrict([Fault("", f"no readable YAML: {said}", remedy, line)]) from None
    except YAMLError as error:
        # The reader's own error tells a character by its place in the text.
        place = getattr(error, "position", None)
        line = text.count("\n", 0, place) + 1 if isinstance(place, int) else None
        letter = getattr(error, "character", None)
        named = f"character {letter:#06x}" if isinstance(letter, int) else "a character"
        raise NotStrict([Fault("", f"no readable YAML: {named} that does not print", "remove it", line)]) from None
    except (ValueError, RecursionError, AssertionError, IndexError, TypeError, AttributeError) as error:
        # Whatever the parser trips over must not become a traceback.
        fault = Fault("", f"no readable YAML: {type(error).__name__}", "write plain keys, texts and lists", None)
        raise NotStrict([fault]) from None


def line_of(root: Node, where: str) -> int:
    """Return the line, from 1, of a place such as ``questions.data_quality.levels.3``, or of what is nearest above it.

    An item of a list is found by its ``id``, the last one if several bear it, or by its number from 1.
    """
    node, line = root, _line(root.start_mark) or 1
    rest = where.split(".") if where else []
    while rest:
        for length in range(len(rest), 0, -1):
            found = _inside(node, ".".join(rest[:length]))
            if found is not None:
                line, node = found
                rest = rest[length:]
                break
        else:
            return line
    return line


def _too_deep(line: int | None) -> Fault:
    return Fault("", f"nested deeper than {DEEPEST_NESTING} levels", "write it flat", line)


def _inside(node: Node, name: str) -> tuple[int, Node] | None:
    """Return the line and the node of one key or item of *node*."""
    if isinstance(node, MappingNode):
        found = [(key, value) for key, value in node.value if getattr(key, "value", None) == name]
        return (_line(found[-1][0].start_mark) or 1, found[-1][1]) if found else None
    if isinstance(node, SequenceNode):
        items = [item for item in node.value if _id_of(item) == name]
        if not items and name.isascii() and name.isdecimal() and 0 < int(name) <= len(node.value):
            items = [node.value[int(name) - 1]]
        return (_line(items[-1].start_mark) or 1, items[-1]) if items else None
    return None


def _id_of(item: Node) -> str | None:
    pairs = item.value if isinstance(item, MappingNode) else []
    return next((value.value for key, value in pairs if key.value == "id" and isinstance(value, ScalarNode)), None)


def _plain(node: Node, where: str, faults: list[Fault]) -> Any:
    """Return the value of a node; what is wrong with it is added to *faults*."""
    if node.anchor is not None:
        _find(faults, node, where, f"an anchor, &{shown_key(str(node.anchor))}", "write out what it stands for")
        return None
    if isinstance(node, MappingNode):
        _only(node, where, faults, "tag:yaml.org,2002:map")
        return dict(_pairs(node, where, faults))
    if isinstance(node, SequenceNode):
        _only(node, where, faults, "tag:yaml.org,2002:seq")
        return [
            _plain(item, f"{where}.{_id_of(item) or number}" if where else str(number), faults)
            for number, item in enumerate(node.value, start=1)
        ]
    return _scalar(node, where, faults)


def _pairs(node: MappingNode, where: str, faults: list[Fault]) -> Iterator[tuple[str, Any]]:
    seen: set[str] = set()
    for key_node, value_node in node.value:
        if not isinstance(key_node, ScalarNode):
            _find(faults, key_node, where, "a key that is a list or a mapping", "a key is a text")
            continue
        key = key_node.value
        place = f"{where}.{shown_key(key)}" if where else shown_key(key)
        if key_node.anchor is not None:
            _find(faults, key_node, place, f"an anchor, &{shown_key(str(key_node.anchor))}", "write the key out")
        elif key_node.tag != "tag:yaml.org,2002:str":
            _find(faults, key_node, place, f"the key {shown_key(key)} is no text", f"put it in quotes: {shown(key)}")
        elif UNPRINTABLE.search(key):
            _find(faults, key_node, place, "a key with a character that does not print", "remove it")
        elif key in seen:
            _find(faults, key_node, place, f"the key {shown_key(key)} stands twice", "keep one of the two")
        else:
            seen.add(key)
            yield key, _plain(value_node, place, faults)


def _scalar(node: Any, where: str, faults: list[Fault]) -> Any:
    text: str = node.value
    match str(node.tag).removeprefix("tag:yaml.org,2002:"):
        case "str" if node.style is None and AMBIGUOUS.match(text):
            _find(faults, node, where, f"an unquoted {text}, which some readers take for true or false", _quote(text))
        case "str":
            if UNPRINTABLE.search(text):
                _find(faults, node, where, f"a character that does not print: {shown(text)}", "remove it")
            return text
        case "null":
            return None
        case "bool" if text.lower() in ("true", "false"):
            return text.lower() == "true"
        case "int" if _WHOLE.match(text) and len(text) <= LONGEST_NUMBER and not re.match(r"[-+]?0[0-9]", text):
            return int(text)
        case "int" if _WHOLE.match(text) and len(text) > LONGEST_NUMBER:
            _find(faults, node, where, f"a number of {len(text)} digits", f"write at most {LONGEST_NUMBER}")
        case "timestamp":
            _find(faults, node, where, "an unquoted date", _quote(text))
        case "int" | "float" | "bool":
            _find(faults, node, where, f"an unquoted {shown_key(text)}, neither text nor whole number", _quote(text))
        case _:
            _only(node, where, faults, "tag:yaml.org,2002:str")
    return None


def _only(node: Node, where: str, faults: list[Fault], tag: str) -> None:
    if str(node.tag) != tag:
        _find(faults, node, where, f"a YAML tag, {shown_key(str(node.tag))}", "remove the tag")


def _find(faults: list[Fault], node: Node, where: str, problem: str, remedy: str) -> None:
    faults.append(Fault(where, problem, remedy, _line(node.start_mark)))


def _quote(text: str) -> str:
    return f"write {shown(text)} in quotes"


def _line(mark: Any) -> int | None:
    return None if mark is None else mark.line + 1
