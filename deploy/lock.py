"""Writes what a deployment installs, each file by its hash: `make lock`.

Two lists, so that a worker without an embedder need not carry one; the small one is cut out of the
large one, so that both name the same versions. No address of a registry is written down.
"""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ALL, CORE = ROOT / "deploy" / "requirements-all.lock", ROOT / "deploy" / "requirements.lock"
EXTRAS = ("embedded", "embedder", "mcp", "postgres")
HOW = (
    "--generate-hashes", "--universal", "--python-version", "3.11", "--quiet", "--no-header",
    "--no-emit-index-url", "--no-emit-find-links", "--no-config", "--upgrade",
)  # fmt: skip


def compile_to(target: Path, *words: str) -> None:
    command = [os.environ["UV"], "pip", "compile", "pyproject.toml", *HOW, *words, "-o", target]
    subprocess.run(command, cwd=ROOT, check=True)  # noqa: S603
    print(f"{target.relative_to(ROOT)}: {target.read_text('utf-8').count('==')} distributions")


if __name__ == "__main__":
    compile_to(ALL, *(word for extra in EXTRAS for word in ("--extra", extra)))
    compile_to(CORE, "--constraint", str(ALL))
