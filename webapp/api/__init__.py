"""The HTTP API: JSON in and out, the same services the pages use, described by its own OpenAPI document."""
