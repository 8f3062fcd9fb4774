"""A month as a file: read strictly, piece by piece, and written byte for byte alike."""
