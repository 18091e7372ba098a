"""Measure everything, and print one table: `uv run python -m benchmarks [--quick]`."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.application import requests
from benchmarks.command_line import BIN, help_page, referring, rendering
from benchmarks.first_prompt import against_peers
from benchmarks.measure import environment
from benchmarks.strangers import strangers
from benchmarks.telemetry import WITHOUT, telemetry
from benchmarks.updating import updating


def main() -> None:
    """Print a row for each figure: what, how much, against what, the ratio or difference, and the limit."""
    rounds = 3 if "--quick" in sys.argv else 9
    table = Table("what", "cost", "against", "", "limit", title=f"Medians of {rounds} interleaved rounds")
    help_cost = help_page(rounds)
    python = help_cost["python -c pass"]
    for name, cost in help_cost.items():
        extra = "100 ms above Python" if name.startswith("fastapi") else ""
        table.add_row(name, f"{cost:.0f} ms CPU", "bare Python", f"+{cost - python:.0f} ms", extra)
    table.add_section()
    peer_help, prompts = against_peers(rounds)
    for name, cost in peer_help.items():
        ratio = f"{cost / peer_help['fastapi-scaffold']:.1f}"
        table.add_row(f"{name} --help", f"{cost:.0f} ms CPU", "fastapi-scaffold", ratio, "")
    for name, cost in prompts.items():
        limit = "500 ms" if name == "fastapi-scaffold" else ""
        ratio = f"{cost / prompts['fastapi-scaffold']:.1f}"
        table.add_row(f"{name}: first question", f"{cost:.0f} ms", "fastapi-scaffold", ratio, limit)
    table.add_section()
    render_cost = rendering(rounds)
    copier = render_cost["copier copy"]
    for name, cost in render_cost.items():
        limit = "0.80" if name.startswith("fastapi") else ""
        table.add_row(name, f"{cost:.0f} ms CPU", "copier copy", f"{cost / copier:.2f}", limit)
    table.add_section()
    resource_cost = referring(rounds)
    alone = resource_cost["new, 30 resources"]
    for name, cost in resource_cost.items():
        limit = "2.00" if "chain" in name else ""
        table.add_row(name, f"{cost:.0f} ms CPU", "without references", f"{cost / alone:.2f}", limit)
    table.add_section()
    update_cost = updating(rounds)
    for name, cost in update_cost.items():
        limit = "0.70" if name.startswith("fastapi") else ""
        table.add_row(name, f"{cost:.0f} ms CPU", "copier update", f"{cost / update_cost['copier update']:.2f}", limit)
    table.add_section()
    with tempfile.TemporaryDirectory() as scratch:
        project = Path(scratch, "bench-api")
        # The second of two, so that every cache is warm.
        for name in ("warm-up", project.name):
            report = json.loads(
                subprocess.run(
                    [BIN / "fastapi-scaffold", "new", Path(scratch, name), "--defaults", "--json"],
                    env=environment(),
                    capture_output=True,
                    check=True,
                ).stdout
            )
        steps = report["proof"]["steps"]
        for step in steps:
            table.add_row(f"proof: {step['name']}", f"{step['seconds']:.2f} s", "", step["status"], "")
        table.add_section()
        for name, (generated, bare) in requests(project, rounds).items():
            table.add_row(f"request: {name}", f"{generated:.2f} ms CPU", "bare FastAPI", f"{generated / bare:.2f}", "")
    table.add_section()
    traced, imports = telemetry(rounds)
    for kind, ways in traced.items():
        for name, cost in ways.items():
            table.add_row(f"{kind}: {name}", f"{cost:.2f} ms CPU", WITHOUT, f"{cost / ways[WITHOUT]:.2f}", "")
    for name, cost in imports.items():
        table.add_row(f"import {name}", f"{cost:.0f} ms CPU", "nothing", f"+{cost - imports['nothing']:.0f} ms", "")
    table.add_section()
    for name, (taken, free) in strangers().items():
        table.add_row(f"with an account: {name}", f"{taken:.1f} ms", "without", f"{taken / free:.2f}", "0.90 to 1.10")
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
