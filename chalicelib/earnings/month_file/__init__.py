"""A month as a file: read strictly, piece by piece, written byte for byte alike, kept, and computed."""
