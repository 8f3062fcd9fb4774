"""What every room shares, one subject a file; nothing here knows a feature."""
