"""What goes wrong with a request: what, where, and what to do about it."""

from __future__ import annotations


class Problem(Exception):  # noqa: N818
    """An answer that is an error.

    Parameters
    ----------
    status : int
        The HTTP status.
    what, where, remedy : str
        What is wrong, in what part of the request, and what to do.
    retry_after : int, optional
        Seconds after which it is worth another try.
    """

    def __init__(
        self, status: int, what: str, where: str, remedy: str, retry_after: int | None = None
    ) -> None:
        super().__init__(f"{where}: {what}; {remedy}")
        self.status = status
        self.what, self.where, self.remedy = what, where, remedy
        self.retry_after = retry_after

    def __reduce__(self) -> tuple[type[Problem], tuple[int, str, str, str, int | None]]:
        """Let it pass from a worker."""
        return Problem, (self.status, self.what, self.where, self.remedy, self.retry_after)

    def record(self) -> dict[str, dict[str, str]]:
        """Return the error as the API gives it."""
        return {"error": {"what": self.what, "where": self.where, "remedy": self.remedy}}

    def headers(self) -> dict[str, str]:
        """Return the headers that belong to it."""
        return {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}


def overloaded(what: str) -> Problem:
    """Return the answer to a request that there is no room for now."""
    return Problem(503, what, "server", "try again in a moment", retry_after=2)
