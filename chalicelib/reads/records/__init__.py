"""What reads keeps: days of reading, who read on a day, authors' standing, and what was struck."""
