"""The REST service under /api/v1, one module for each idea."""
