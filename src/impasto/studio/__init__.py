"""The studio: jobs by HTTP, and the page; the only user of FastAPI and uvicorn."""
