"""The page laid out, bound, and put into the application."""

import os

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # before Gradio is loaded

import gradio as gr
from fastapi import FastAPI

from impasto.jobs.jobs import Jobs
from impasto.studio.page.bindings import Shared, bind
from impasto.studio.page.compare_tab import compare_tab
from impasto.studio.page.history_tab import history_tab
from impasto.studio.page.keyboard import PANEL, SCRIPT
from impasto.studio.page.make_tab import make_tab
from impasto.studio.page.sealing import seal
from impasto.studio.page.taste_tab import taste_tab
from impasto.studio.page.theme import CSS, HEAD, theme
from impasto.studio.page.words import BRAND

DAY = 24 * 3600


def build(jobs: Jobs) -> gr.Blocks:
    """Lay the page out and bind its parts."""
    page = gr.Blocks(title="impasto", analytics_enabled=False, delete_cache=(DAY, DAY))
    with page:
        gr.HTML(BRAND + PANEL)
        running = gr.HTML("", elem_id="running")
        with gr.Tabs(selected="make") as tabs:
            with gr.Tab("Make", id="make"):
                make = make_tab(jobs)
            with gr.Tab("Compare", id="compare"):
                compare = compare_tab()
            with gr.Tab("Taste", id="taste"):
                taste = taste_tab()
            with gr.Tab("History", id="history") as history:
                past = history_tab()
        shared = Shared(compare, past, taste, running)
        bind(page, jobs, tabs, make, shared, history)
    return page


def mount(app: FastAPI, jobs: Jobs) -> None:
    """Put the page into an application, after everything that has a path of its own."""
    page = build(jobs)
    gr.mount_gradio_app(
        app,
        page,
        path="/",
        footer_links=[],
        max_file_size=jobs.limits.upload_bytes,
        show_error=True,
        ssr_mode=False,
        theme=theme(),
        css=CSS,
        head=HEAD + SCRIPT,
    )
    seal(page)
