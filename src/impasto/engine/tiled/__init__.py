"""The objective computed tile by tile: the same numbers as of the whole image, to rounding."""
