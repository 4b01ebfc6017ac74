"""A made-up week of a support team on the sandbox, played by notes alone, and the transcript of what each agent saw."""
