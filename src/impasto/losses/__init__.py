"""Feature maps to numbers: pure functions, each split into a statistic and a distance."""
