"""The errors that the suite raises on purpose: one root, and the exit code of each.

ConformanceError    what is wrong, why, and what to do; exit code 3 unless a subclass says otherwise
"""

from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """The documented exit codes of the command."""

    CONFORMANT = 0
    NON_CONFORMANT = 1
    SETUP = 2
    SUITE_ERROR = 3
    POLICY = 4


class ConformanceError(Exception):
    """Something that a person must know: `message`, `cause` and `remedy` are clauses of plain text.

    `cause` and `remedy` may be empty. The text of the error is all three; `exit_code` is what the
    command ends with when nothing else handles the error.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.SUITE_ERROR

    def __init__(self, message: str, *, cause: str = "", remedy: str = "") -> None:
        text = f"{message} ({cause})" if cause else message
        super().__init__(f"{text}; {remedy}" if remedy else text)
        self.message = message
        self.cause = cause
        self.remedy = remedy


class SetupError(ConformanceError):
    """The run cannot start or continue: something outside the suite must be changed first."""

    exit_code = ExitCode.SETUP
