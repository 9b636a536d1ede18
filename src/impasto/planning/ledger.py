"""A ledger of memory: what is taken and given back, and the most that was held at once."""


class Ledger:
    """Counts bytes that are held, at most held, and taken in all; nothing is allocated."""

    def __init__(self) -> None:
        self.held = self.peak = self.turned = 0

    def take(self, size: int) -> int:
        """Hold so many bytes more; returns them, to be given back."""
        self.held += size
        self.turned += size
        self.peak = max(self.peak, self.held)
        return size

    def free(self, size: int) -> None:
        """Give bytes back."""
        self.held -= size

    def pass_by(self, size: int) -> None:
        """Hold so many bytes for a moment."""
        self.free(self.take(size))
