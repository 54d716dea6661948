"""What the server gives to programs: HTTP, OpenAI's format, and tools for other assistants."""
