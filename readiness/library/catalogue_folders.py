"""The catalogue as a folder of files that people edit: written here, read by :mod:`readiness.library.catalogues`.

What is written and read again is the same document, key by key in the same order.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode
from ruamel.yaml.representer import SafeRepresenter

from readiness.library.yaml_files import FileProblem, FileProblems

#: The digest of the catalogue that a folder was written from, to tell later who changed what.
ORIGIN = "ORIGIN.sha256"

#: What may stand without quotes; words that some reader of YAML takes for true, false or null may not.
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_TAKEN_FOR_OTHERS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def write_catalogue(document: Mapping[str, Any], digest: str, folder: Path) -> list[Path]:
    """Write ``schemes/*.yaml``, ``support.yaml`` and the digest of their origin; return the files.

    :raises FileExistsError: if the folder already holds one of them, so that nobody's edits are overwritten.
    """
    files = {
        **{folder / "schemes" / f"{id}.yaml": data for id, data in document["schemes"].items()},
        folder / "support.yaml": document["support"],
    }
    origin = folder / ORIGIN
    for path in (*files, origin):
        if path.exists():
            raise FileExistsError(17, "is there already; export into an empty folder", str(path))
    (folder / "schemes").mkdir(parents=True, exist_ok=True)
    for path, data in files.items():
        path.write_text(as_yaml(data), "utf-8")
    origin.write_text(f"{digest}\n", "ascii")
    return [*files, origin]


def origin_of(folder: Path) -> str | None:
    """Return the digest of the catalogue that a folder was written from, or None if it does not say.

    :raises FileProblems: if what stands there is no digest.
    """
    path = folder / ORIGIN
    if not path.is_file():
        return None
    digest = path.read_text("ascii", errors="replace").strip()
    if not re.fullmatch(r"sha256:[0-9a-f]{64}", digest):
        problem = "holds no digest: remove the file to compare with what is in force"
        raise FileProblems([FileProblem(path, "", problem)])
    return digest


def as_yaml(data: Any) -> str:
    """Return plain content as YAML: keys in their order, small mappings on one line, texts in quotes."""
    writer = YAML(typ="safe", pure=True)
    writer.Representer = _Representer
    writer.width = 1_000_000
    writer.allow_unicode = True
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    writer.default_flow_style = False
    writer.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    writer.dump(data, stream)
    return stream.getvalue()


class _Representer(SafeRepresenter):
    """Writes texts in double quotes, words plain, and a mapping of texts alone on one line."""

    def represent_text(self, text: str) -> ScalarNode:
        """Return a text in quotes, unless it is a word."""
        plain = _PLAIN.fullmatch(text) and text.lower() not in _TAKEN_FOR_OTHERS
        return self.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else '"')

    def represent_ordered(self, mapping: Mapping[str, Any]) -> MappingNode:
        """Return a mapping in its own order."""
        node: MappingNode = self.represent_mapping("tag:yaml.org,2002:map", mapping.items())
        small = all(isinstance(value, ScalarNode) for _, value in node.value)
        node.flow_style = small and len(node.value) > 1
        return node

    def represent_row(self, row: list[Any]) -> SequenceNode:
        """Return a list: of words alone on one line, else an entry a line."""
        node: SequenceNode = self.represent_sequence("tag:yaml.org,2002:seq", row)
        node.flow_style = all(isinstance(value, ScalarNode) for value in node.value)
        return node


_Representer.add_representer(str, _Representer.represent_text)
_Representer.add_representer(dict, _Representer.represent_ordered)
_Representer.add_representer(list, _Representer.represent_row)
