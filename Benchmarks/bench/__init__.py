"""The bench: starts the programs, gives them the same work in turn, and says how they compare."""
