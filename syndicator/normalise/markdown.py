"""Markdown to HTML: CommonMark, GitHub's extensions and footnotes.

Tables, strikethrough, autolinks, task lists. Raw HTML passes; the next step cleans it.

cmarkgfm's own ``markdown_to_html_with_extensions`` never frees the tree and the text it makes
(20 kB for a post of 5 kB), and fails on ``&#xFFFE;``, which cmark writes as a byte that is no
UTF-8. Its library is called directly for both.
"""

import ctypes
from collections.abc import Callable
from typing import Any, Final

from cmarkgfm import _cmark
from cmarkgfm.cmark import Options

_LIB: Final[Any] = _cmark.lib
_FFI: Final[Any] = _cmark.ffi
_OPTIONS: Final[int] = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_FOOTNOTES


def _freeing(library: str | None, name: str) -> Callable[[int], None]:
    """Return a C function that frees an address; where there is none, nothing is freed."""
    try:
        function = getattr(ctypes.CDLL(library), name)
    except (OSError, AttributeError):
        return lambda _address: None
    function.argtypes, function.restype = [ctypes.c_void_p], None
    free: Callable[[int], None] = function
    return free


_LIB.cmark_gfm_core_extensions_ensure_registered()
_EXTENSIONS: Final = [
    _LIB.cmark_find_syntax_extension(name)
    for name in (b"table", b"strikethrough", b"autolink", b"tasklist")
]
_free_tree: Final = _freeing(_cmark.__file__, "cmark_node_free")
_free_text: Final = _freeing(None, "free")


def render(text: str) -> str:
    """Render a text; any text without U+0000 and lone surrogates gives HTML."""
    data = text.encode()
    parser = _LIB.cmark_parser_new(_OPTIONS)
    try:
        for extension in _EXTENSIONS:
            _LIB.cmark_parser_attach_syntax_extension(parser, extension)
        _LIB.cmark_parser_feed(parser, data, len(data))
        tree = _LIB.cmark_parser_finish(parser)
        extensions = _LIB.cmark_parser_get_syntax_extensions(parser)
        raw = _LIB.cmark_render_html(tree, _OPTIONS, extensions)
        html: str = _FFI.string(raw).decode("utf-8", "ignore")
        _free_text(_address(raw))
        _free_tree(_address(tree))  # before the parser: its extensions free their own nodes
    finally:
        _LIB.cmark_parser_free(parser)
    return html


def _address(pointer: object) -> int:
    return int(_FFI.cast("uintptr_t", pointer))
