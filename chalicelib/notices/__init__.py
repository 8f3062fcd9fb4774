"""What a person is told: that somebody published, or began to follow."""
