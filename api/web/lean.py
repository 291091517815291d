"""Our scripts and styles as they are served: without the comments and the room their readers need.

Nothing is renamed or rewritten, so what a browser's tools show is the file that is in the tree.
Scripts keep to two rules for it: a comment is `//` at a line's start or after a `;`, `,`, `{` or
`)` and two spaces at most, and no template literal's lines depend on how far they are indented.
"""

import re
from typing import Final

_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_SPACE: Final = re.compile(r"\s+")
_AROUND: Final = re.compile(r" ?([{};,]) ?")
_REMARK: Final = re.compile(r"(?<=[;,{)]) {1,2}// .*$")


def lean_style(text: str) -> str:
    """A style sheet that means the same."""
    packed = _AROUND.sub(r"\1", _SPACE.sub(" ", _COMMENT.sub("", text)))
    return packed.replace(": ", ":").replace(";}", "}").strip()


def lean_script(text: str) -> str:
    """A script that does the same."""
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(_REMARK.sub("", line) for line in lines if line and not line.startswith("//"))
