"""Checkpoints: a run's plan and its states in a folder, so that another process can go on."""
