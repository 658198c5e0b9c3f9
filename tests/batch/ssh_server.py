"""An SSH server on loopback: real keys, real sessions, and each command runs on this machine."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncssh


@contextmanager
def serving_ssh(home: Path, *hosts: str) -> Iterator[None]:
    """Serve the user whose home is ``home`` under the names of ``hosts``, for as long as the block lasts."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    folder = home / ".ssh"
    folder.mkdir()
    server = asyncio.run_coroutine_threadsafe(_serve(folder), loop).result()
    port = server.get_port()
    key = (folder / "host.pub").read_text(encoding="utf-8")
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {key}", encoding="utf-8")
    lines = (
        "HostName 127.0.0.1",
        f"Port {port}",
        f"IdentityFile {folder}/own",
        f"UserKnownHostsFile {folder}/known_hosts",
    )
    (folder / "config").write_text("\n ".join([f"Host {' '.join(hosts)}", *lines, ""]), encoding="utf-8")
    try:
        yield
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _serve(folder: Path) -> asyncssh.SSHAcceptor:
    for name in ("own", "host"):
        key = asyncssh.generate_private_key("ssh-ed25519")
        key.write_private_key(str(folder / name))
        key.write_public_key(str(folder / f"{name}.pub"))
    return await asyncssh.listen(
        "127.0.0.1",
        0,
        server_host_keys=[str(folder / "host")],
        authorized_client_keys=str(folder / "own.pub"),
        process_factory=_run,
        encoding=None,
    )


async def _end(server: asyncssh.SSHAcceptor) -> None:
    server.close()
    await server.wait_closed()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


async def _run(session: asyncssh.SSHServerProcess[Any]) -> None:
    """Run a session's command; it ends with the session."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_shell(
        str(session.command), stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe, start_new_session=True
    )
    try:
        await session.redirect(stdout=process.stdout, stderr=process.stderr)
        status = await process.wait()
        await session.stdout.drain()
        await session.stderr.drain()
        session.exit(status)
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
