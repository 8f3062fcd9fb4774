"""The services that we stand on, in memory and exact, and lives lived on them from a seed."""
