"""Stock-taking: what should be there, and what is."""
