"""A partner's statement to keep: as a sheet of figures (CSV) and as pages to print (PDF)."""
