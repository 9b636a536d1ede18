"""Before a run: the memory and time that it will take, and how to compute it within a budget."""
