"""The one Jinja environment: templates stand beside the module that renders them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket


def render_template(template: Path, filters: dict[str, Any], **values: Any) -> str:
    """Render a template.

    Parameters
    ----------
    template : Path
        The file; in one whose name has ``.html`` every value is escaped.
    filters : dict of str to callable
        What the template may pipe values through.
    **values
        What it is given; a value that it names and is not given is an error.

    Returns
    -------
    str
    """
    pages = _environment(template.parent).overlay()
    pages.filters = {**pages.filters, **filters}
    return pages.get_template(template.name).render(**values)


class _Compiled(BytecodeCache):
    """The code of templates that were compiled before: compiling takes longer than rendering."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


@cache
def _environment(folder: Path) -> Environment:
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=lambda name: name is not None and ".html" in name,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        cache_size=0,  # a cached template would keep the filters of an earlier call
        bytecode_cache=_Compiled(),
    )
