"""Lambda layers: what is too heavy for every function, and only some of them need."""
