"""The engine moves the pixels: targets, objective, schedule, optimizers, and the run over them."""
