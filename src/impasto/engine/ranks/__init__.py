"""Ranks: processes that share one run, its tiles and its pixels."""
