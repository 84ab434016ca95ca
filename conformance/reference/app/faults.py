"""The faults in the answers to malformed requests, whichever service they were meant for."""

from typing import Final

from conformance.reference.platform.faults import fault

FAULTS: Final = (
    fault("breaks-on-odd-input", "CON-07", "Breaks down with 500 on a body of the wrong type.", "CON-02", "CON-03"),
    fault("wrong-types-passed-over", "CON-03", "Answers 200, and does nothing, where a field is of the wrong type.", "CON-01", "CON-07"),
    fault("response-times-as-text", "CON-01", "Writes the time in ResponseInfo as text.", "CON-05"),
    fault("malformed-breaks-services", "CON-07", "Breaks down with 500 on a body that is no JSON object, or of another media type."),
    fault("other-methods-break-services", "CON-07", "Breaks down with 500 when called by a method that it does not serve."),
    fault("other-scripts-break-services", "CON-02", "Breaks down with 500 on texts of other than Latin letters.", "CON-05", "CON-07"),
    fault("error-as-html", "CON-07", "Answers malformed JSON with an HTML page."),
    fault("internals-in-errors", "CON-06", "Shows SQL and class names in errors of queries.", "CON-07"),
    fault("error-with-200", "CON-07", "Answers malformed JSON with 200 and an error inside.", "CON-04"),
    fault("refusal-with-200", "CON-01", "Answers what a service's rules refuse with 200 and Errors.", "TXN-07", "BIL-07", "CON-03", "CON-04", "CON-07", "CON-05"),
)  # fmt: skip
