"""A terminal for commands that look whether they have one."""

import fcntl
import os
import pty
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def in_a_terminal(command: list[str], environment: dict[str, str]) -> str:
    """Run a command in a pseudo-terminal of 200 columns and return what it showed."""
    main, other = pty.openpty()
    termios_size = b"\x32\x00\xc8\x00\x00\x00\x00\x00"
    fcntl.ioctl(other, 0x5414, termios_size)  # TIOCSWINSZ
    running = subprocess.Popen(
        command, cwd=ROOT, stdin=other, stdout=other, stderr=other, env={**environment, "TERM": "xterm"}
    )
    os.close(other)
    shown = b""
    while True:
        try:
            data = os.read(main, 65536)
        except OSError:  # Linux says so when the other end is closed
            break
        if not data:
            break
        shown += data
    os.close(main)
    assert running.wait(timeout=60) == 0
    return shown.decode()
