"""What is there to read: Latest, topics, Following, the story itself, and all of it as RSS."""
