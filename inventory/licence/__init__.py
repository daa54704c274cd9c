"""The licence position as pure rules: what is owned, what is needed, and the line by line reason for each number."""
