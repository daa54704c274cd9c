"""The command line: a thin face over the engine. Commands are found by path; only the one that runs is imported."""
