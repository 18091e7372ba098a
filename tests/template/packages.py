"""Programs of the operating system that tests need: those that are installed, or else unpacked for this run."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def on_path(name: str, programs: Sequence[str], packages: Sequence[str]) -> Generator[str]:
    """Unpack packages whose programs are not installed, without installing them.

    Gives the reason why that is impossible, or nothing.
    """
    path = f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin:/usr/libexec:/opt/homebrew/bin"
    if all(shutil.which(program, path=path) for program in programs):
        yield ""
        return
    if not shutil.which("apt-get"):
        yield f"{name} is not installed, and there is no apt-get to download it"
        return
    with tempfile.TemporaryDirectory(prefix="packages-") as directory:
        root = Path(directory)
        root.chmod(0o755)  # servers that root starts run as nobody
        reason = unpack(name, packages, root)
        libraries = [str(place) for place in (*root.glob("usr/lib/*-linux-gnu"), *root.glob("lib/*-linux-gnu"))]
        before = dict(os.environ)
        os.environ["PATH"] = f"{root}/usr/sbin:{root}/usr/bin:{before['PATH']}"
        os.environ["LD_LIBRARY_PATH"] = ":".join([*libraries, *filter(None, [before.get("LD_LIBRARY_PATH")])])
        yield reason
        os.environ.clear()
        os.environ.update(before)


def unpack(name: str, packages: Sequence[str], root: Path) -> str:
    """Download the packages, and what they need and is not installed; returns why that failed."""
    if run("apt-cache", "show", *packages).returncode and os.geteuid() == 0:
        run("apt-get", "update", "--quiet")
    found = run("apt-cache", "depends", *packages).stdout.splitlines()
    needed = {line.split()[-1] for line in found if line.strip().startswith("Depends:") and "<" not in line}
    missing = [one for one in sorted(needed) if run("dpkg-query", "--status", one).returncode]
    download = run("apt-get", "download", "--quiet", *packages, *missing, cwd=root)
    if download.returncode:
        return f"{name} is not installed, and apt-get cannot download it: {download.stderr.strip()}"
    for package in root.glob("*.deb"):
        run("dpkg-deb", "--extract", package, root)
    return ""


def run(*command: str | Path, cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
    """Run a command of the package manager."""
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
