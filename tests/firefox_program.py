"""Firefox as Playwright wants it: with an answer to a command that Firefox ESR does not have.

Playwright drives Firefox by WebDriver BiDi and sets the colours of each context by
``emulation.setMediaFeaturesOverride``, which Firefox ESR 153 refuses. This program, which takes Firefox's arguments,
starts the Firefox that FIREFOX names and relays the connection; that command it answers itself, and the colours stay
the system's. When the ESR has the command, ``launch_firefox`` can start Firefox without it.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
from asyncio.subprocess import PIPE

from aiohttp import ClientSession, ClientWebSocketResponse, web

ANSWERED = "emulation.setMediaFeaturesOverride"
ADDRESS = re.compile(r"WebDriver BiDi listening on (ws://\S+)")


async def send_commands(playwright: web.WebSocketResponse, firefox: ClientWebSocketResponse) -> None:
    """Relay Playwright's commands, and answer the one that Firefox does not have."""
    async for message in playwright:
        command = message.json()
        if command["method"] == ANSWERED:
            await playwright.send_json({"type": "success", "id": command["id"], "result": {}})
        else:
            await firefox.send_str(message.data)


async def send_answers(firefox: ClientWebSocketResponse, playwright: web.WebSocketResponse) -> None:
    """Relay Firefox's answers and events."""
    async for message in firefox:
        await playwright.send_str(message.data)


async def serve(address: str) -> str:
    """Relay connections to an address; returns the address to connect to."""

    async def relay(request: web.Request) -> web.WebSocketResponse:
        playwright = web.WebSocketResponse(max_msg_size=0)
        await playwright.prepare(request)
        async with ClientSession() as session, session.ws_connect(address + request.path, max_msg_size=0) as firefox:
            both = send_commands(playwright, firefox), send_answers(firefox, playwright)
            await asyncio.wait([asyncio.create_task(one) for one in both], return_when=asyncio.FIRST_COMPLETED)
        return playwright

    application = web.Application()
    application.router.add_get("/session", relay)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return f"ws://127.0.0.1:{runner.addresses[0][1]}"


async def main() -> int:
    """Run Firefox until its end; what it says is said, with the other address."""
    firefox = await asyncio.create_subprocess_exec(os.environ["FIREFOX"], *sys.argv[1:], stderr=PIPE)
    assert firefox.stderr is not None
    async for octets in firefox.stderr:
        line = octets.decode(errors="replace").rstrip()
        if found := ADDRESS.search(line):
            line = line.replace(found[1], await serve(found[1]))
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()
    return await firefox.wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
