"""What a browser gets: pages, made of templates, words and the style sheet."""
