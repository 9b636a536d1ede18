"""How fast the service answers while a job runs: p50, p95 and the slowest of many status calls.

    python benchmarks/service.py

starts a studio of its own in a temporary folder, asks it while it is idle, then while its worker
paints (by 4 clients one after another), and then with 50 followers of events as well; and ends it.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from pathlib import Path

import httpx

from impasto.client import Client

CLIENTS = 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--followers", type=int, default=50)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        words = ["studio", "--home", folder, "--port", "0", "--no-browser", "--no-page"]
        command = [sys.executable, "-m", "impasto", *words]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            measure(process.stdout.readline().split()[-1], options)
        finally:
            process.terminate()
            process.wait()


def measure(url: str, options: argparse.Namespace) -> None:
    print(f"{os.cpu_count()} cores, {options.calls} calls by {CLIENTS} clients; milliseconds")
    print(f"{'':34}{'p50':>8}{'p95':>8}{'max':>8}")
    with Client(url) as client:
        sample = Path(str(resources.files("impasto"))) / "samples"
        picture = client.upload(sorted(sample.glob("*.jpg"))[0]).id
        changes = {"schedule.size": options.size, "schedule.steps": 5000}
        job = client.submit(picture, [picture], changes=changes).id
        client.control(job, "pause")
        show("idle", times(url, job, options.calls))
        client.control(job, "resume")
        while client.job(job).step < 2:
            time.sleep(0.2)
        show("while a job runs", times(url, job, options.calls))
        for _ in range(options.followers):
            threading.Thread(target=follow, args=(url, job), daemon=True).start()
        time.sleep(2)
        show(f"and {options.followers} follow it", times(url, job, options.calls))
        client.cancel(job)


def times(url: str, job: str, calls: int) -> list[float]:
    """Return the seconds that each call took."""

    def one_client(count: int) -> list[float]:
        found = []
        with httpx.Client(base_url=f"{url}api/v1", trust_env=False, timeout=30) as http:
            for _ in range(count):
                began = time.perf_counter()
                http.get(f"/jobs/{job}").raise_for_status()
                found.append(time.perf_counter() - began)
        return found

    with ThreadPoolExecutor(CLIENTS) as pool:
        each = pool.map(one_client, [calls // CLIENTS] * CLIENTS)
        return [seconds for part in each for seconds in part]


def follow(url: str, job: str) -> None:
    with Client(url) as client:
        client.wait(job)


def show(name: str, seconds: list[float]) -> None:
    cuts = statistics.quantiles(seconds, n=100)
    figures = [1000 * value for value in (cuts[49], cuts[94], max(seconds))]
    print(f"{name:34}" + "".join(f"{value:8.1f}" for value in figures), flush=True)


if __name__ == "__main__":
    main()
