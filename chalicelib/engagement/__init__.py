"""What readers do with a story beside reading it: applause."""
