"""Pictures: posted straight to the bucket, then drawn anew in the widths that pages use."""
