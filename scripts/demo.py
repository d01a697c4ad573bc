"""`make demo`: both halves of the hub, connected, synced, changed and synced again, before your eyes."""

import os
import re
import signal
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from rich.panel import Panel

from scripts.client import AnswerError, Hub
from scripts.demo_bridge import BridgeDemo
from scripts.demo_show import DemoError, Show, console
from scripts.demo_supply import SupplyDemo
from scripts.leash import end_with_make
from scripts.stack import Stack, StackError, reachable

_ABOUT = (
    "Azurite, simulated Entra, Business Central, Dataverse and Oneflow with demo data, and the hub itself,\n"
    "all on this machine. Every step goes through the HTTP API and checks what it shows."
)


def main() -> int:
    """Play the demo; stay up until Ctrl-C unless ONCE is set, and draw it into the file that PICTURE names."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    end_with_make()
    console.print(Panel(_ABOUT, title="Dynamics Sync Hub", border_style="cyan"))
    try:
        with ExitStack() as resources:
            with console.status("starting …"):
                stack = resources.enter_context(reachable())
            hub, show = Hub(stack.url, stack.control.user_token("alice")), Show()
            SupplyDemo(stack, hub, show).play()
            BridgeDemo(stack, hub, show).play()
            console.print(
                f"\n[green]Every step did what it should.[/green]  The console is on {stack.url}: sign in as alice"
            )
            if os.environ.get("PICTURE"):
                _draw(Path(os.environ["PICTURE"]))
            if not os.environ.get("ONCE"):
                _stay(stack)
    except (StackError, DemoError, AnswerError) as error:
        console.print(f"\n[red]{error}[/red]")
        return 1
    except KeyboardInterrupt:
        console.print("ended")
    return 0


def _draw(file: Path) -> None:
    """Draw what was printed; fonts are the reader's own, nothing is fetched."""
    drawn = console.export_svg(title="make demo")
    file.write_text(re.sub(r"@font-face \{.*?\}|<!--.*?-->", "", drawn, flags=re.DOTALL), encoding="utf-8")


def _stay(stack: Stack) -> None:
    console.print(f"   the simulated systems on {stack.sandbox.url}; Ctrl-C ends everything")
    while not stack.app.child.has_ended():
        time.sleep(0.5)
    raise DemoError("the app ended by itself")


if __name__ == "__main__":
    sys.exit(main())
