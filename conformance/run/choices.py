"""What may be chosen for a run. Imports nothing, because the help of the command needs it."""

from typing import Final

MODES: Final = ("inspect", "sandbox", "full")
DEPTHS: Final = ("quick", "standard", "deep")
LINEAGES: Final = ("strict", "digit-2.8", "digit-lts", "mseva")
SPOILS: Final = (
    "byte-order-mark", "utf-16", "utf-32", "latin-1", "wrong-charset", "no-utf-8", "half-character",
    "control-characters", "raw-control-characters", "not-a-number", "long-number", "deep", "large",
    "repeated-keys", "gzip", "deflate", "gzip-plain", "gzip-unnamed", "gzip-cut", "brotli", "cut",
    "slow-headers", "slow-body", "always-continue", "odd-headers", "cookie", "redirect",
    "retry-after",
)  # fmt: skip
GATES: Final = ("must", "should", "none")
BUILD_SERVERS: Final = ("github", "gitlab", "jenkins", "azure")
REPORT_FORMS: Final = (
    "certificate", "results", "junit", "allure", "har", "markdown", "postman", "github", "sarif",
)  # fmt: skip
MOST_JOBS: Final = 64
