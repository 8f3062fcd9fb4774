"""Stories, from their rules to their routes."""
