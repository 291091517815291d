"""How long a process that ended stays down before it is started again."""

from dataclasses import dataclass


@dataclass(frozen=True)
class BackOff:
    """The wait doubles from `first_s` to `most_s`; a process that ran `steady_s` starts afresh."""

    first_s: float = 0.5
    most_s: float = 30.0
    steady_s: float = 60.0

    def next_delay_s(self, previous_s: float | None, *, ran_s: float) -> float:
        """The wait before the next start, in seconds.

        Args:
            previous_s: The wait before the run that just ended; None where there was none.
            ran_s: How long that run lasted.
        """
        if previous_s is None or ran_s >= self.steady_s:
            return self.first_s
        return min(previous_s * 2, self.most_s)
