"""Guides: masks that say what is protected and where each style goes; given, or found."""
