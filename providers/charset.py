"""From bytes to text: a mark at the beginning, else what the header says, else what an XML declaration says."""

import codecs
import re

UTF8 = "utf-8"
# Encodings of text and nothing else: others would turn a few bytes into very much, or run for very long.
_OF_TEXT = re.compile(
    r"utf-8|utf-16|iso8859-\d+|cp125\d|ascii|koi8-[ru]|gb(k|2312|18030)|big5|shift_jis|euc_(jp|kr)"
)
_DECLARED = re.compile(rb"""\s*<\?xml[^>]{,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']""")


def text_of(body: bytes, header: str | None = None, *, strict: bool = False) -> str:
    """
    Without a word about it, and for a word we do not know, it is UTF-8 (RFC 7303, section 3). What does not fit
    becomes a replacement sign, or raises UnicodeDecodeError when `strict`.
    """
    return body.decode(_encoding(body, header), "strict" if strict else "replace")


def _encoding(body: bytes, header: str | None) -> str:
    if body.startswith(codecs.BOM_UTF8):
        return UTF8
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    declared = _DECLARED.match(body[:400])
    return _known(header) or (_known(declared[1].decode("ascii")) if declared else None) or UTF8


def _known(word: str | None) -> str | None:
    try:
        name = codecs.lookup(word or "").name
    except LookupError:
        return None
    return name if _OF_TEXT.fullmatch(name) else None
