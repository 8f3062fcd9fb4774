"""The demonstration magazine: invented people and stories, brought in through the real services."""
