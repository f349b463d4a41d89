"""Third stage: every picture and every version of a post, kept by its digest."""
