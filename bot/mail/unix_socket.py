"""A Unix socket to listen on: made with its mode before anybody can connect, and removed again.

A file that an ended program left behind is replaced; a socket that somebody listens on is not taken over.
"""

from __future__ import annotations

import errno
import os
import socket
import stat
from contextlib import suppress
from pathlib import Path

MOST_OCTETS = 107
"""What the system takes as the path of a socket, its closing NUL left out."""
_WAITING = 100
_PROBE_SECONDS = 1.0


class SocketUnavailable(OSError):
    """The path cannot be listened on; the text names it and the remedy. A retry helps once that is done."""


def listening_socket(path: Path, mode: int) -> socket.socket:
    """A socket that listens at `path`, which only those whom `mode` lets may connect to. Raises SocketUnavailable."""
    if len(os.fsencode(path)) > MOST_OCTETS:
        raise SocketUnavailable(errno.ENAMETOOLONG, f"{path} is longer than {MOST_OCTETS} octets; choose a shorter one")
    _make_way(path)
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        made.bind(str(path))
        path.chmod(mode)  # Nobody can connect before `listen`, so there is no moment of another mode.
        made.listen(_WAITING)
        made.setblocking(False)
    except OSError as fault:
        made.close()
        reason = (fault.strerror or "unusable").lower()
        raise SocketUnavailable(
            fault.errno, f"{path}: {reason}; check that its folder exists and that we may write there"
        ) from None
    return made


def identity(path: Path) -> tuple[int, int] | None:
    """Which file is at `path`, so that another's is not removed later; None if there is none."""
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def remove(path: Path, made: tuple[int, int] | None) -> None:
    """Remove the file that was `made` at `path`, if it is still that one."""
    if made is not None and identity(path) == made:
        with suppress(OSError):
            path.unlink()


def _make_way(path: Path) -> None:
    """Remove a socket that nobody listens on. Raises SocketUnavailable for anything else that is there."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return
    except OSError as fault:
        reason = (fault.strerror or "unusable").lower()
        raise SocketUnavailable(fault.errno, f"{path}: {reason}; check its folder") from None
    if not stat.S_ISSOCK(found.st_mode):
        raise SocketUnavailable(errno.EEXIST, f"{path} is a file and no socket; remove it, or choose another path")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(_PROBE_SECONDS)
        try:
            probe.connect(str(path))
        except (ConnectionRefusedError, FileNotFoundError):
            with suppress(FileNotFoundError):
                path.unlink()
            return
        except OSError:
            pass  # Busy, or not ours to use: somebody has it.
    raise SocketUnavailable(errno.EADDRINUSE, f"another program listens on {path}; stop it, or choose another path")
