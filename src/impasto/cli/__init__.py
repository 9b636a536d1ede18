"""The command line: gathers options, calls the library, shows what it says."""
