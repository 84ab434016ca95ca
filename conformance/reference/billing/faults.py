"""The faults of billing-service: which bills it offers, and what it does when one is paid."""

from typing import Final

from conformance.reference.platform.faults import fault

FAULTS: Final = (
    fault("undocumented-status", "CON-01", "Answers fetchBill with 206."),
    fault("bill-status-misspelt", "CON-01", "Spells a bill's status in lower case."),
    fault("nothing-due-is-no-body", "CON-01", "Answers 201 with an empty body where nothing is due."),
    fault("bill-without-expiry", "BIL-01", "Leaves the expiry out of a bill's details.", "CON-01", "BIL-06"),
    fault("bill-without-details", "BIL-01", "Offers a bill without any detail.", "TXN-03", "BIL-02", "CON-01", "BIL-06"),
    fault("bill-parts-disagree", "BIL-02", "Shows a tax head of a bill one rupee short."),
    fault("bill-details-disagree", "BIL-02", "Shows a detail of a bill one rupee more than its tax heads."),
    fault("bill-rounds-paise", "BIL-02", "Leaves the paise of a demand out of its bill."),
    fault("somebody-elses-bill", "BIL-03", "Offers somebody else's bill for an unknown consumer code."),
    fault("codes-matched-by-beginning", "BIL-03", "Offers the bills of all consumer codes that begin with the requested one."),
    fault("codes-matched-by-wildcard", "BIL-03", "Takes % in a consumer code for a wildcard."),
    fault("fetch-ignores-tenant", "BIL-03", "Offers a consumer code's bill whatever city is requested."),
    fault("fetch-ignores-service", "BIL-03", "Offers a consumer code's bill whatever business service is requested."),
    fault("unknown-code-breaks", "BIL-03", "Breaks down with 500 on an unknown consumer code.", "CON-02", "CON-07"),
    fault("another-bill-each-time", "BIL-04", "Makes another bill at each fetch.", "BIL-06", "PAY-10", "TXN-04"),
    fault("other-caller-other-bill", "BIL-04", "Makes another bill when somebody else fetches."),
    fault("paid-bill-offered", "BIL-05", "Offers a bill again after it was paid.", "RCP-07", "PAY-12"),
    fault("expired-bill-offered", "BIL-06", "Offers a bill after it expired."),
    fault("demand-change-unseen", "BIL-06", "Offers the old bill after its demand changed."),
    fault("missing-criterion-unnamed", "BIL-07", "Refuses a fetch without naming the criterion that is missing."),
    fault("demand-not-settled", "RCP-07", "Takes the money and leaves the demand unpaid.", "BIL-05", "PAY-12"),
    fault("demand-settled-short", "RCP-07", "Collects one rupee less on the demand than was paid.", "PAY-12", "BIL-04"),
    fault("bill-stays-active", "RCP-07", "Leaves a bill ACTIVE after it was paid.", "BIL-05", "PAY-12"),
    fault("part-payment-closes-demand", "RCP-07", "Closes the demand after a partial payment.", "PAY-08", "BIL-05"),
    fault("rebates-left-out", "BIL-02", "Leaves rebates out of the total of a bill.", "BIL-06", "TXN-01"),
    fault("one-period-shown", "BIL-02", "Shows the first period of a bill only, under the total of all."),
    fault("codes-in-any-case", "BIL-03", "Takes consumer codes for one that differ in upper and lower case."),
    fault("codes-without-blanks", "BIL-03", "Takes consumer codes for one that differ in blanks around them."),
    fault("codes-without-zeros", "BIL-03", "Takes consumer codes for one that differ in leading zeros."),
    fault("codes-in-any-form", "BIL-03", "Takes consumer codes for one that are alike to a reader, as with wide digits."),
    fault("paid-bill-offered-to-others", "BIL-05", "Offers a paid bill again to others than SYSTEM users."),
    fault("further-demand-unseen", "BIL-06", "Offers the old bill after a demand of another period was raised."),
    fault("further-head-unseen", "BIL-06", "Offers the old bill after a tax head was added to its demand."),
    fault("first-head-settled-only", "RCP-07", "Collects on the first tax head of a demand only.", "BIL-05"),
    fault("first-demand-settled-only", "RCP-07", "Collects on the first of several demands only.", "BIL-05"),
    fault("rebates-not-settled", "RCP-07", "Collects nothing on rebates, so that they lower the next bill again."),
)  # fmt: skip
