"""Who follows whom: the set that feeds are pulled by, and the followers that are told."""
