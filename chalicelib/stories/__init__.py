"""Stories: written as drafts, published, edited, unpublished, deleted and brought back."""
