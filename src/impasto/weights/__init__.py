"""Numbers that were trained: what there is, where it lies, and how it is read and verified."""
