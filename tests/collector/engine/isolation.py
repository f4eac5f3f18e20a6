"""Isolation: walls around a running section, and notice of each attempt to pass one.

The kernel holds the walls where it has them: Landlock for files and signals,
a network namespace, resource limits.  An audit hook names the line, also of an
attempt whose exception the section swallows.  Where the kernel has no such
walls (macOS, Windows, an old Linux), the hook alone stands.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import struct
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

LARGEST_FILE = 64 * 1024 * 1024
"""Bytes that a section may write to one file, standard output included."""
LARGEST_OUTPUT = 1024 * 1024
"""Bytes that a process may print before it is ended."""
LARGEST_MEMORY = 4 * 1024**3
"""Bytes that one process of a section may allocate."""
LARGEST_MEMORY_WITH_NEED = 64 * 1024**3
"""The same for a section with a need: a CUDA context maps all of a GPU's memory."""
LOOPBACK = ("localhost", "127.0.0.1", "::1", "", None)
NO_FOLDER = -1
"""Value of ``dir_fd`` in an audit event for a call without one."""
DEVICES = Path("/dev")
"""Shared memory and ``/dev/null`` lie here; a section may write to existing files."""

# Landlock, https://docs.kernel.org/userspace-api/landlock.html
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
WRITES = sum(1 << bit for bit in (1, 4, 5, 6, 7, 8, 9, 10, 11, 12))
"""Write a file; remove and make files, folders, links, pipes, sockets and devices."""
MOVE, TRUNCATE = 1 << 13, 1 << 14
"""From ABI 2 and 3 on."""
SIGNALS = 1 << 1
"""Scope, from ABI 6 on: no signal to a process outside."""
PARENT_DEATH_SIGNAL, CHILD_SUBREAPER, NO_NEW_PRIVILEGES = 1, 36, 38
NEW_USER, NEW_NETWORK = 0x10000000, 0x40000000


def confine(folder: Path, with_need: bool) -> None:
    """Close this process, for good, to all but its folder.

    Args:
        folder: Where the section may write.
        with_need: Whether it runs on a GPU.
    """
    _limit(LARGEST_MEMORY_WITH_NEED if with_need else LARGEST_MEMORY)
    with contextlib.suppress(OSError):
        _wall_off(folder)


def _limit(memory: int) -> None:
    if sys.platform == "win32":  # has no such limits; the supervisor counts memory there
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
    if (taken := _data_size()) is not None:
        resource.setrlimit(resource.RLIMIT_DATA, (taken + memory, taken + memory))


def _data_size() -> int | None:
    """Bytes that count against RLIMIT_DATA; None where the system does not tell."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmData:"):
                return int(line.split()[1]) * 1024
    return None


def _call(number: int, *arguments: object) -> int:
    """Make a Linux system call.

    Raises:
        OSError: If it fails, as on a kernel that does not have it.
    """
    if sys.platform != "linux":
        raise OSError("no Linux system calls here")
    library = ctypes.CDLL(None, use_errno=True)
    result: int = library.syscall(number, *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def _wall_off(folder: Path) -> None:
    """Let Landlock refuse writes outside of the folder, and signals to others."""
    version = _call(CREATE_RULESET, None, ctypes.c_size_t(0), 1)
    writes = WRITES | (MOVE if version >= 2 else 0) | (TRUNCATE if version >= 3 else 0)
    rules = struct.pack("=QQQ", writes, 0, SIGNALS)[: 24 if version >= 6 else 8]
    ruleset = _call(CREATE_RULESET, rules, ctypes.c_size_t(len(rules)), 0)
    for path in (folder, DEVICES):
        descriptor = os.open(path, os.O_PATH)
        _call(ADD_RULE, ruleset, 1, struct.pack("=Qi", writes, descriptor), 0)
        os.close(descriptor)
    ctypes.CDLL(None).prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    _call(RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)


def leave_network() -> bool:
    """Move this process and its children to a network of their own, with loopback only.

    Returns:
        Whether the kernel let it; some forbid namespaces to users.
    """
    if sys.platform != "linux":
        return False
    user, group = os.getuid(), os.getgid()
    if ctypes.CDLL(None).unshare(NEW_USER | NEW_NETWORK):
        return False
    try:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
        _start_loopback()
    except OSError:
        return False
    return True


def _start_loopback() -> None:
    """Set the flag IFF_UP of ``lo``: a new network has it down."""
    import fcntl

    get_flags, set_flags, up = 0x8913, 0x8914, 1
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        answer = fcntl.ioctl(probe, get_flags, struct.pack("16sH14x", b"lo", 0))
        flags = struct.unpack("16sH14x", answer)[1]
        fcntl.ioctl(probe, set_flags, struct.pack("16sH14x", b"lo", flags | up))


def attempts_to_leave() -> int:
    """Count the packets that this network of loopback alone could not deliver.

    Connections and name lookups show here whoever made them, child processes
    and C++ included.
    """
    count = 0
    with contextlib.suppress(OSError):
        older = Path("/proc/self/net/snmp").read_text().splitlines()
        for names, values in zip(older[::2], older[1::2], strict=True):
            counters = dict(zip(names.split(), values.split(), strict=True))
            count += int(counters.get("OutNoRoutes", 0)) + int(counters.get("NoPorts", 0))
        for line in Path("/proc/self/net/snmp6").read_text().splitlines():
            name, value = line.split()
            count += int(value) if name in ("Ip6OutNoRoutes", "Udp6NoPorts") else 0
    return count


def adopt_orphans() -> None:
    """Become the parent of every process that a section leaves behind, however it detached."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(CHILD_SUBREAPER, 1, 0, 0, 0)


def die_with_parent() -> None:
    """Let the kernel end this process when its parent ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)


def move_in(folder: Path) -> None:
    """Give the section an empty folder for all that programs write to by themselves."""
    work, temporary = folder / "work", folder / "temporary"
    for path in (work, temporary):
        path.mkdir(exist_ok=True)
    os.chdir(work)
    os.environ.update(
        HOME=str(work),
        TMPDIR=str(temporary),
        TORCHINDUCTOR_CACHE_DIR=str(temporary / "inductor"),
        TRITON_CACHE_DIR=str(temporary / "triton"),
    )
    tempfile.tempdir = None  # torch may have asked for it before the fork


class Guard:
    """The audit hook of one process: refuses and remembers attempts to leave the section.

    Args:
        folder: Where the section may write.
        path: Its module; attempts are named by the lines of it.
    """

    def __init__(self, folder: Path, path: str) -> None:
        self.folder = os.path.realpath(folder)
        self.path = path
        self.attempts: list[tuple[int | None, str]] = []
        self._checks = _checks()
        sys.addaudithook(self._audit)

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if check := self._checks.get(event):
            for why in check(self, arguments):
                self.attempts.append((self._line(), why))
                raise PermissionError(why)

    def _line(self) -> int | None:
        frame: FrameType | None = sys._getframe(2)
        while frame is not None and frame.f_code.co_filename != self.path:
            frame = frame.f_back
        return frame.f_lineno if frame else None

    def outside(self, path: object) -> Iterator[str]:
        """Say why a path may not be written to, if so."""
        if not isinstance(path, str | bytes | os.PathLike):
            return  # a descriptor: what opened it was asked
        name = os.path.realpath(os.fsdecode(path))
        inside = (self.folder, str(DEVICES))
        if not any(name == top or name.startswith(top + os.sep) for top in inside):
            yield f"writes outside its folder: {os.fsdecode(path)}"

    def opens(self, arguments: tuple[Any, ...]) -> Iterator[str]:
        path, _, flags = arguments
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND):
            yield from self.outside(path)

    def truncates(self, arguments: tuple[Any, ...]) -> Iterator[str]:
        yield from self.outside(arguments[0])

    def changes_first(self, arguments: tuple[Any, ...]) -> Iterator[str]:
        if arguments[-1] == NO_FOLDER:  # else relative to an open folder; Landlock knows it
            yield from self.outside(arguments[0])

    def changes_second(self, arguments: tuple[Any, ...]) -> Iterator[str]:
        yield from self.outside(arguments[1])

    def changes_both(self, arguments: tuple[Any, ...]) -> Iterator[str]:
        yield from self.outside(arguments[0])
        yield from self.outside(arguments[1])

    def makes_socket(self, arguments: tuple[Any, ...]) -> Iterator[str]:
        if arguments[1] in (socket.AF_INET, socket.AF_INET6):
            yield "opens a network socket; a section has no network"

    def looks_up(self, arguments: tuple[Any, ...]) -> Iterator[str]:
        host = arguments[0]
        if host not in LOOPBACK and host != socket.gethostname():
            yield f"looks up {host} on the network; a section has none"


def _checks() -> dict[str, Callable[[Guard, tuple[Any, ...]], Iterator[str]]]:
    """Map audit events to their checks, https://docs.python.org/3/library/audit_events.html."""
    first = ("os.mkdir", "os.rmdir", "os.remove", "os.chmod", "os.utime")
    return {
        "open": Guard.opens,
        **dict.fromkeys(first, Guard.changes_first),
        **dict.fromkeys(("os.link", "os.symlink"), Guard.changes_second),
        "os.rename": Guard.changes_both,
        "os.truncate": Guard.truncates,
        "socket.__new__": Guard.makes_socket,
        **dict.fromkeys(("socket.getaddrinfo", "socket.gethostbyname"), Guard.looks_up),
    }
