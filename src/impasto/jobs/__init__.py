"""Durable jobs: accepted once, finished once, whatever is killed in between."""
