"""The one door to all benchmarks: ``python -m benchmarks VERB [option ...]``."""

import ast
import runpy
import sys
from pathlib import Path

HERE = Path(__file__).parent


def verbs() -> dict[str, str]:
    """Return what can be measured, and the first sentence of what each says of itself."""
    found = {}
    for file in sorted(HERE.glob("*.py")):
        text = file.read_text(encoding="utf-8")
        if '\nif __name__ == "__main__":' in text and file.stem != "__main__":
            said = ast.get_docstring(ast.parse(text)) or ""
            found[file.stem] = said.split(":", 1)[0].split("``", 1)[0]
    return found


def main(arguments: list[str]) -> int:
    """Run a verb as if it had been called itself; without one tell which there are."""
    known = verbs()
    if not arguments or arguments[0] not in known:
        lines = [f"  {name:10} {said}" for name, said in known.items()]
        sys.stdout.write(
            "usage: python -m benchmarks VERB [option ...]\n" + "\n".join(lines) + "\n"
        )
        return 0 if arguments[:1] in ([], ["--help"], ["-h"]) else 2
    sys.argv = [f"benchmarks {arguments[0]}", *arguments[1:]]
    runpy.run_module(f"benchmarks.{arguments[0]}", run_name="__main__")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
