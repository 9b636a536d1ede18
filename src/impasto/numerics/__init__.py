"""Tensor mathematics with no word of style in it."""
