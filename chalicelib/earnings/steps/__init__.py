"""A close, or an estimate, step by step: what each part does, and what is to be done next."""
