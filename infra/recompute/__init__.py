"""A month computed from a file, without any cloud, by the same rules as the close."""
