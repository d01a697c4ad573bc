"""Builds .venv, .tools and .clients from the lock files; needs nothing but Python's own library: setup.py run|test."""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST_NODE = 20
LOCK = Path("requirements-dev.txt")
CLIENTS_LOCK = Path("tools/dataverse/requirements.txt")
CHROMIUMS = ("chromium-headless-shell", "chromium")
"""What Debian calls its Chromium; the first has no window and costs the tests a fifth less."""
NODE_FILES = (Path("tools/node/package.json"), Path("tools/node/package-lock.json"))


class MissingToolError(Exception):
    """Something that the set-up cannot install itself is not there; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Part:
    """A folder that is built from lock files; its stamp is written last, so a half-made one is never trusted."""

    folder: Path
    digest: str
    build: Callable[[Path], None]

    @property
    def stamp(self) -> Path:
        """The file that holds the digest of what the folder was built from."""
        return self.folder / "stamp"

    def is_current(self) -> bool:
        """Say whether the folder was built, to the end, from the present lock files."""
        return self.stamp.is_file() and self.stamp.read_text(encoding="ascii") == self.digest

    def renew(self) -> None:
        """Build the folder afresh."""
        remove(self.folder)
        self.folder.mkdir(parents=True)
        self.build(self.folder)
        self.stamp.write_text(self.digest, encoding="ascii")


def digest_of(files: Sequence[Path], *facts: str) -> str:
    """Return one fingerprint of the files' contents and of the facts that the build depends on."""
    digest = hashlib.sha256()
    for text in (*(file.read_bytes() for file in files), *(fact.encode() for fact in facts)):
        digest.update(hashlib.sha256(text).digest())
    return digest.hexdigest()


def remove(folder: Path) -> None:
    """Delete the folder, also while the last writes of a killed build trickle in.

    Raises:
        OSError: It could not be deleted in five tries.
    """
    for _ in range(4):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.5)
    shutil.rmtree(folder)


def pinned(name: str, lock: str) -> str:
    """Return the lock's line for this package, without comment.

    Raises:
        MissingToolError: The lock does not name it.
    """
    for line in lock.splitlines():
        if line.startswith(f"{name}=="):
            return line.split()[0]
    message = f"{LOCK} does not name {name}: run 'make lock' in a complete clone."
    raise MissingToolError(message)


def node_version(printed: str) -> int:
    """Return the major number from what `node --version` printed, 0 when it makes no sense."""
    major = printed.strip().removeprefix("v").split(".")[0]
    return int(major) if major.isdigit() else 0


def require_node() -> None:
    """Stop when Node.js or npm is missing or too old.

    Raises:
        MissingToolError: What is missing.
    """
    advice = f"install Node.js {OLDEST_NODE} or later with npm (Debian: apt-get install nodejs npm)."
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            message = f"{tool} is missing: {advice}"
            raise MissingToolError(message)
    found = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout
    if node_version(found) < OLDEST_NODE:
        message = f"node is {found.strip() or 'unusable'}: {advice}"
        raise MissingToolError(message)


def require_venv() -> None:
    """Stop when this Python cannot make virtual environments.

    Raises:
        MissingToolError: Debian keeps the module in a package of its own.
    """
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        message = "This Python has no venv module: install python3.13-venv."
        raise MissingToolError(message)


def run(*command: str | Path) -> int:
    """Run a command that ends when this process does, its output shown."""
    leash = [sys.executable, "-IS", str(ROOT / "scripts" / "leash.py"), "KILL"]
    return subprocess.run([*leash, *map(str, command)], stdout=sys.stderr, check=False).returncode


def must(*command: str | Path) -> None:
    """Run a command that has to succeed.

    Raises:
        MissingToolError: It did not; its output says why.
    """
    if run(*command) != 0:
        message = f"Set-up stopped: this command failed: {' '.join(map(str, command))}"
        raise MissingToolError(message)


def fill(folder: Path, lock: Path, *, uv: Sequence[str] = (), pip: Sequence[str] = ()) -> None:
    """Install the lock there with what .venv has: with uv where it reaches the registry, with pip where only pip does.

    Raises:
        MissingToolError: Neither could.
    """
    tools, python = ROOT / ".venv" / "bin", folder / "bin" / "python"
    what = ("--quiet", "--requirement", str(ROOT / lock))
    if run(tools / "uv", "pip", "install", "--python", python, *uv, *what) != 0:
        quiet_pip = (tools / "python", "-m", "pip", "--disable-pip-version-check", "--python", python)
        must(*quiet_pip, "install", *pip, *what)


def build_venv(folder: Path) -> None:
    """Install the development lock."""
    require_venv()
    uv = pinned("uv", (ROOT / LOCK).read_text(encoding="utf-8"))
    must(os.path.realpath(sys.executable), "-m", "venv", folder)
    must(folder / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "install", "--quiet", uv)
    fill(folder, LOCK)


def build_clients(folder: Path) -> None:
    """Install Dataverse's public Python clients; their lock overrules what one of them asks for."""
    must(os.path.realpath(sys.executable), "-m", "venv", "--without-pip", folder)
    # Airbyte's source declares Python below 3.12; uv passes over such an upper bound, pip has to be told
    fill(folder, CLIENTS_LOCK, uv=["--no-deps"], pip=["--no-deps", "--ignore-requires-python"])


def build_tools(folder: Path) -> None:
    """Install Azurite, and Dataverse's public client for Node.js."""
    require_node()
    for file in NODE_FILES:
        shutil.copyfile(ROOT / file, folder / file.name)
    quiet = ("--no-audit", "--no-fund", "--ignore-scripts", "--omit=dev", "--loglevel=error")
    must("npm", "ci", "--prefix", folder, *quiet)


def rights() -> tuple[str, ...] | None:
    """Return what makes a command root's: nothing for root, sudo where it asks nothing; None: there is no way."""
    if os.geteuid() == 0:
        return ()
    sudo = ("sudo", "-n")
    able = shutil.which("sudo") and subprocess.run([*sudo, "true"], capture_output=True, check=False).returncode == 0
    return sudo if able else None


def build_chromium(_: Path) -> None:
    """Install Debian's Chromium for the browser tests, without its window where it comes so; nothing if there is one.

    Raises:
        MissingToolError: There is none, and this process may not install it.
    """
    if any(map(shutil.which, CHROMIUMS)):
        return
    before = rights()
    if before is None or shutil.which("apt-get") is None:
        message = f"chromium is missing: install it (Debian: apt-get install --no-install-recommends {CHROMIUMS[0]})."
        raise MissingToolError(message)
    apt = (*before, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120")
    must(*apt, "update")
    bare, whole = [(*apt, "install", "--no-install-recommends", name) for name in CHROMIUMS]
    if run(*bare) != 0:
        must(*whole)


def lanes() -> dict[str, list[list[Part]]]:
    """Return what a clone needs for each purpose, besides the repository's own files.

    Lanes need nothing of each other; within a lane each part needs those before it.
    """
    python = (sys.version, str(ROOT))
    venv = Part(ROOT / ".venv", digest_of([ROOT / LOCK], *python), build_venv)
    clients = Part(ROOT / ".clients", digest_of([ROOT / CLIENTS_LOCK], *python), build_clients)
    tools = Part(ROOT / ".tools", digest_of([ROOT / file for file in NODE_FILES]), build_tools)
    there = filter(None, map(shutil.which, CHROMIUMS))
    chromium = Part(ROOT / ".make" / "chromium", digest_of([], *there), build_chromium)
    return {"run": [[venv], [tools]], "test": [[venv, clients], [tools], [chromium]]}


def bring_up_to_date(lane: Sequence[Part]) -> bool:
    """Build what is not current, in order, and say whether everything is there now."""
    for part in lane:
        if part.is_current():
            continue
        started = time.monotonic()
        print(f"setting up {part.folder.name} ...", file=sys.stderr, flush=True)
        try:
            part.renew()
        except MissingToolError as error:
            print(error, file=sys.stderr, flush=True)
            return False
        print(f"setting up {part.folder.name} took {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    return True


def take_turn(lock: int) -> None:
    """Wait until no other set-up of this clone runs; a killed one has let go."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("another set-up of this clone is running: waiting for it ...", file=sys.stderr, flush=True)
        fcntl.flock(lock, fcntl.LOCK_EX)


def main() -> int:
    """Bring the clone up to date for its purpose; two of these at once take turns."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends all lanes, not the main thread alone
    wanted = lanes()[sys.argv[1]]
    (ROOT / ".make").mkdir(exist_ok=True)
    with (ROOT / ".make" / "setup.lock").open("w", encoding="ascii") as lock:
        take_turn(lock.fileno())
        with ThreadPoolExecutor(len(wanted)) as pool:
            done = list(pool.map(bring_up_to_date, wanted))
    return 0 if all(done) else 1


if __name__ == "__main__":
    sys.exit(main())
