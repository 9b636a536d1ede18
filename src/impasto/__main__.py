"""`python -m impasto`: the command line."""

from impasto.cli.main import main

main()
