"""Pages, styles and scripts, looked at as a browser does."""
