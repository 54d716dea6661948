"""What a person touches: the page in the browser and the command line. Knows nothing of how an answer comes about."""
