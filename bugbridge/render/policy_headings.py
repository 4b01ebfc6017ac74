"""What stands over each list of a policy's sentences below the grid, by its name in the policy's words."""

POLICY_HEADINGS = {
    "tell": "News",
    "cadence": "How often",
    "limits": "Limits",
    "facts": "What counts as what",
    "frequency": "Frequent or not",
}
