"""First stage: the files as they are found, and what changed since last time."""
