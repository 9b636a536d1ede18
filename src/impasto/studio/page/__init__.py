"""The page of the studio, made with Gradio: the only user of it."""

from fastapi import FastAPI

from impasto.jobs.jobs import Jobs


def mount_page(app: FastAPI, jobs: Jobs) -> None:
    """Mount the page at `/`."""
    from impasto.studio.page.mount import mount

    mount(app, jobs)
