"""Optimizers: elementwise updates and a few reductions; they know nothing of tiles or stages."""
