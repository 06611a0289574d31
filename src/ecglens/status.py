"""Status words of results, the same in every table."""

DONE = "done"
CANNOT_FILL = "cannot-fill"
"""The data do not allow the number; its reason says why."""
FAILED = "failed"
"""The computation raised, while that of other rows did not."""
MISSING = "missing"
"""Not computed yet."""
