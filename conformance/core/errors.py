"""The errors that the suite raises on purpose: one root, and the exit code of each.

    ConformanceError        3  the suite cannot do its work; a command prints the error and ends
      SetupError            2  something outside the suite must be changed first
        EnvelopeProblem     2  a text is no signed statement
        FileError           2  a file from outside cannot be used; names file, line and remedy
        JournalProblem      2  a folder holds no readable run
        KeyProblem          2  a file holds no key of the kind that is needed
        ManifestProblem     2  a folder holds no readable manifest
        NoAnswer            2  a question of a new profile has no answer, and nobody is there
        NotExaminable       2  what is given is no run, no certificate and no pack
        NothingCarried      2  a certificate carries no data that can be read
        PackProblem         2  a run cannot be packed, or a file is no pack
        PoolMistake         2  the file of a bill pool has a mistake
        ResumeError         2  a run cannot be resumed or settled
        RunLocked           2  another process works on the run
        SetupFault          2  the target is not ready to be checked
        UnknownRequirement  2  no requirement has that id
      DamagedLines          3  a file of lines cannot be read to its end
      LeftOpen              3  two records cannot be compared; becomes a verdict
      Lost                  3  the process of a city of a fleet ended; the city is tried once more
      MissingResource       3  a file that every installation has is absent
      NothingSeen           3  verdict error: a check judged nothing
      SecretLeak            3  a file of the run contains a secret
      Violation             1  verdict failed: the deployment broke a requirement
        ModelViolation      1  the same, found against the model of a bill
      Inconclusive          4  verdict inconclusive: the check could not decide
        Lapsed              4  this part of the run cannot decide what an earlier one prepared
          Changed           4  it has changed since
        NotAllowed          4  the mode, the cap or the lock of the target forbids a call
          CapReached        4  the cap does: what the run has moved already leaves too little
        NotSignalled        4  the outcome of a payment did not reach the deployment
        Postponed           4  another day decides
        Unanswered          4  no response could be had
      NotApplicable         3  verdict not-applicable: the profile declares it, with a reason

Outside the tree, because nothing that handles errors may catch them, or because they do not leave
their room:

    Abandoned   a BaseException; ends the requests under way when a run is interrupted
    NotRead     the JSON of an answer is not read; the answer then decides nothing
    Undecodable  a body is not what its Content-Encoding says; becomes a failure of the answer
    Unreadable  a text cannot be parsed; the reader of the file makes a FileError of it
    Unwritable  a scenario is left out of an export for Postman; the command says why
    Unsendable  a request of a Postman collection is left out; the report of the import says why
    _Constant   marks NaN or Infinity in JSON; never leaves the parser
    _Found      leads Hypothesis to a counterexample, and never leaves its module

The embedded reference has errors of its own; `run.embedded` turns its BadSetting into a SetupError.
"""

import errno
from enum import IntEnum
from typing import ClassVar, Final

NO_SPACE: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})  # of an OSError


class ExitCode(IntEnum):
    """The documented exit codes of the command."""

    CONFORMANT = 0
    NON_CONFORMANT = 1
    SETUP = 2
    SUITE_ERROR = 3
    POLICY = 4
    INTERRUPTED = 130  # as shells count a process that Ctrl-C ended


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
