"""What a client can make the front door keep in memory."""

from __future__ import annotations

import asyncio
import tracemalloc
from dataclasses import replace

from bot.mail.limits import Limits
from bot.mail.smtp_in import Envelope, serve_smtp

LINES = 300_000


async def test_a_message_of_empty_lines_takes_memory_in_proportion_to_its_bytes() -> None:
    sizes: list[int] = []

    async def accept(envelope: Envelope) -> None:
        sizes.append(len(envelope.raw))

    server = await serve_smtp(
        ("127.0.0.1", 0),
        accept=accept,
        is_recipient=lambda _: True,
        limits=replace(Limits(), closing_seconds=0.3),
        hostname="mx.aastrom.com",
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    for command in (b"", b"HELO x", b"MAIL FROM:<a@x.example>", b"RCPT TO:<d@x.example>", b"DATA"):
        if command:
            writer.write(command + b"\r\n")
        await reader.readline()
    tracemalloc.start()
    try:
        for _ in range(LINES // 10_000):
            writer.write(b"\r\n" * 10_000)
            await writer.drain()
        writer.write(b".\r\n")
        assert (await reader.readline()).startswith(b"250 ")
        assert tracemalloc.get_traced_memory()[1] < 10 * 2 * LINES
    finally:
        tracemalloc.stop()
        writer.close()
        server.close()
        await server.wait_closed()
    assert sizes == [2 * LINES]
