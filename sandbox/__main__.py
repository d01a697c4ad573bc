"""Run the sandbox until it is told to stop."""

import argparse
import asyncio
import signal
import sys

from sandbox.datasets import COMPANY_IDS, Amounts
from sandbox.server import Sandbox
from sandbox.simulation import Options


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="loopback port; 0 takes a free one")
    parser.add_argument("--company", nargs="+", choices=sorted(COMPANY_IDS), default=list(Options().companies))
    parser.add_argument("--vendors", type=int, default=1000, help="vendors of the generated company")
    parser.add_argument("--items", type=int, default=1000, help="items of the generated company")
    parser.add_argument("--seed", type=int, default=1, help="seed of the generated company")
    given = parser.parse_args()
    amounts = Amounts(given.vendors, given.items, given.seed)
    asyncio.run(_serve(Options(tuple(dict.fromkeys(given.company)), amounts), given.port))


async def _serve(options: Options, port: int) -> None:
    halt = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, halt.set)
    sandbox = Sandbox(options)
    url = await sandbox.start(port)
    sys.stdout.write(f"sandbox ready {url}\n")
    sys.stdout.flush()
    await halt.wait()
    await sandbox.stop()


if __name__ == "__main__":
    main()
