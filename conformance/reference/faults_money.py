"""The catalogue of faults: bills, transactions, receipts and payments."""

from typing import Final

from conformance.reference.faults import Fault


def _fault(name: str, requirement: str, sentence: str, *dependents: str) -> Fault:
    requirements = tuple(requirement.split())
    return Fault(name=name, requirements=requirements, sentence=sentence, dependents=dependents)


BILL_FAULTS: Final = (
    _fault("bill-without-expiry", "BIL-01", "Leaves the expiry out of a bill's details.", "CON-01", "BIL-06"),
    _fault("bill-without-details", "BIL-01", "Offers a bill without any detail.", "TXN-03", "BIL-02", "CON-01", "BIL-06"),
    _fault("bill-parts-disagree", "BIL-02", "Tells a tax head of a bill one rupee short."),
    _fault("bill-details-disagree", "BIL-02", "Tells a detail of a bill one rupee more than its tax heads."),
    _fault("somebody-elses-bill", "BIL-03", "Offers somebody else's bill for an unknown consumer code."),
    _fault("unknown-code-breaks", "BIL-03", "Breaks down with 500 on an unknown consumer code.", "CON-02", "CON-07"),
    _fault("another-bill-each-time", "BIL-04", "Makes another bill at each fetch.", "BIL-06", "PAY-10", "TXN-04"),
    _fault("paid-bill-offered", "BIL-05", "Offers a bill again after it was paid.", "RCP-07"),
    _fault("expired-bill-payable", "BIL-06 TXN-03", "Takes a new transaction on an expired bill."),
    _fault("expired-bill-offered", "BIL-06", "Goes on offering a bill after it expired."),
    _fault("withdrawn-bill-payable", "BIL-06", "Takes a new transaction on a bill that a fresh one replaced."),
    _fault("demand-change-unseen", "BIL-06", "Goes on offering the old bill after its demand changed."),
    _fault("missing-criterion-unnamed", "BIL-07", "Refuses a fetch without saying which criterion is missing."),
)  # fmt: skip
CREATION_FAULTS: Final = (
    _fault("creator-by-user-name", "TXN-01", "Signs a transaction with the user name instead of the uuid.", "USR-10", "TXN-02"),
    _fault("creation-time-off", "TXN-01", "Takes local time for UTC: transactions are created 5 h 30 min ago.", "TXN-02", "RCP-02"),
    _fault("transaction-born-successful", "TXN-01", "Creates transactions as SUCCESS, before any money moved.", "RCP-04", "TXN-02", "TXN-05", "TXN-06", "TXN-10", "TXN-11", "TXN-12", "TXN-04", "RCP-01", "RCP-05", "RCP-07"),
    _fault("client-status-kept", "TXN-02", "Stores the txnStatus that the client sends.", "RCP-07"),
    _fault("client-id-kept", "TXN-02", "Stores the transaction under the id that the client sends."),
    _fault("client-receipt-kept", "TXN-02", "Stores the receipt that the client sends.", "CON-04"),
    _fault("client-audit-kept", "TXN-02", "Stores the auditDetails that the client sends."),
    _fault("client-gateway-id-kept", "TXN-02", "Stores the gatewayTxnId that the client sends."),
    _fault("amount-one-rupee-off", "TXN-03", "Takes a transaction one rupee off the sum of its parts."),
    _fault("any-amount-accepted", "TXN-03", "Takes a transaction of any amount, whatever is due."),
    _fault("unknown-bill-accepted", "TXN-03", "Takes a transaction on a bill that does not exist."),
    _fault("foreign-bill-accepted", "TXN-03", "Takes the bill of another tenant.", "MDM-08", "PAY-11"),
    _fault("inactive-gateway-accepted", "TXN-03", "Takes a transaction through an inactive gateway."),
    _fault("refused-transaction-stored", "TXN-03", "Stores a transaction although it refuses it.", "TXN-11", "TXN-04", "BIL-06"),
    _fault("second-transaction-allowed", "TXN-04", "Takes a second transaction while one is pending.", "TXN-11"),
    _fault("failed-transaction-blocks", "TXN-04", "Takes no new transaction after one has failed."),
    _fault("create-race", "TXN-11", "Lets creations at the same moment pass each other, so that both are stored.", "TXN-04"),
)  # fmt: skip
UPDATE_FAULTS: Final = (
    _fault("success-ignored", "TXN-05", "Answers 200 to a success and leaves the transaction pending.", "TXN-09", "TXN-11", "TXN-13", "RCP-01", "RCP-02", "RCP-03", "RCP-04", "RCP-06", "BIL-05"),
    _fault("failure-ignored", "TXN-06", "Answers 200 to a failure and leaves the transaction pending.", "TXN-04", "TXN-10", "TXN-11", "RCP-05"),
    _fault("update-without-id-accepted", "TXN-07", "Answers 200 to an update that names no transaction."),
    _fault("update-of-unknown-accepted", "TXN-07", "Answers 200 to an update of an unknown transaction."),
    _fault("owner-check-off", "TXN-08", "Lets any user finish a transaction."),
    _fault("owner-by-user-name", "TXN-08", "Takes anybody with the owner's user name for the owner, of whatever type and tenant."),
    _fault("owner-by-id-without-tenant", "TXN-08", "Takes a SYSTEM user of the owner's login id at another tenant for the owner."),
    _fault("owner-check-post-only", "TXN-08", "Checks the owner of a POST, but not of a GET."),
    _fault("owner-check-canonical-id-only", "TXN-08", "Checks the owner only when the id comes as eg_pg_txnid."),
    _fault("owner-check-spares-employees", "TXN-08", "Lets any employee finish a transaction."),
    _fault("owner-check-spares-citizens", "TXN-08", "Lets any citizen finish a transaction."),
    _fault("owner-check-spares-system-users", "TXN-08", "Lets any SYSTEM user finish a transaction."),
    _fault("refused-stranger-leaves-trace", "TXN-08", "Refuses a stranger's update, but signs the transaction with him."),
    _fault("terminal-guard-off", "TXN-09 TXN-10", "Lets a finished transaction be updated again.", "TXN-11", "RCP-05", "TXN-13", "RCP-07"),
    _fault("terminal-guard-same-status-only", "TXN-09 TXN-10", "Refuses an update only when it repeats the state already reached.", "TXN-11", "RCP-05", "RCP-07"),
    _fault("terminal-guard-success-only", "TXN-10", "Lets a failed transaction be updated to success.", "TXN-11", "RCP-05"),
    _fault("terminal-guard-race", "TXN-11", "Lets updates at the same moment pass each other, so that both are taken.", "RCP-07"),
    _fault("repeated-success-rewrites", "TXN-09", "Takes a repeated success and writes a new audit time.", "TXN-11", "RCP-07"),
    _fault("refused-update-leaves-trace", "TXN-09 TXN-10", "Refuses to update a finished transaction, but changes its audit details."),
    _fault("receipt-after-failure", "TXN-10", "Refuses to update a failed transaction, but makes a receipt.", "TXN-11", "RCP-05", "RCP-07"),
    _fault("other-amount-succeeds", "TXN-12", "Lets a transaction succeed with any confirmed amount."),
    _fault("amount-off-by-one-succeeds", "TXN-12", "Lets a transaction succeed with an amount one rupee off."),
    _fault("larger-amount-succeeds", "TXN-12", "Lets a transaction succeed with more than was promised."),
    _fault("search-shows-old-state", "TXN-13", "Shows a finished transaction as pending for ever.", "TXN-05", "TXN-06", "TXN-09", "TXN-10", "TXN-11", "TXN-12", "RCP-07"),
    _fault("search-shows-other-amount", "TXN-13", "Shows another amount in a search than was promised.", "TXN-01", "RCP-06", "RCP-07"),
    _fault("creation-time-rewritten", "TXN-13", "Rewrites the creation time at each update.", "TXN-05", "TXN-06", "RCP-02", "RCP-03"),
)  # fmt: skip
RECEIPT_FAULTS: Final = (
    _fault("receipt-missing", "RCP-01", "Makes no receipt on success.", "TXN-05", "TXN-09", "TXN-11", "RCP-02", "RCP-03", "RCP-04", "RCP-06", "RCP-07", "BIL-05"),
    _fault("receipt-on-retry", "RCP-01 TXN-09", "Makes another receipt each time a success is repeated.", "TXN-11", "PAY-09"),
    _fault("receipt-at-second-update", "RCP-01", "Makes the receipt only at the second update.", "TXN-05", "TXN-09", "TXN-11", "RCP-02", "RCP-03", "RCP-04", "RCP-06", "RCP-07", "BIL-05"),
    _fault("receipt-dated-at-update", "RCP-02 RCP-03", "Dates the receipt at the update.", "RCP-04"),
    _fault("receipt-dated-utc-day", "RCP-02 RCP-03", "Dates the receipt with the UTC day of the creation, which is yesterday until 05:30.", "RCP-04"),
    _fault("receipt-dated-at-bill", "RCP-02 RCP-03", "Dates the receipt when the bill was made.", "RCP-04"),
    _fault("receipt-dated-day-only", "RCP-03", "Dates the receipt on the right day, but at midnight."),
    _fault("late-receipt-dated-at-update", "RCP-04", "Dates the receipt of a late success at the update.", "RCP-02", "RCP-03"),
    _fault("late-success-refused", "RCP-04", "Refuses a success that comes after the bill expired.", "RCP-02"),
    _fault("late-success-without-receipt", "RCP-04", "Takes a late success and makes no receipt.", "RCP-02", "RCP-01", "RCP-07"),
    _fault("receipt-at-creation", "RCP-05", "Makes the receipt when the transaction is created.", "TXN-01", "TXN-03", "TXN-06", "TXN-10", "TXN-12", "RCP-01", "BIL-05", "PAY-09", "TXN-04", "TXN-08", "TXN-11", "RCP-07"),
    _fault("receipt-on-failure", "RCP-05", "Makes a receipt on failure.", "TXN-06", "TXN-10", "TXN-11", "TXN-12", "TXN-04", "RCP-07"),
    _fault("receipt-while-pending", "RCP-05", "Makes a receipt when an update leaves the transaction pending.", "RCP-07"),
    _fault("receipt-mode-card", "RCP-06", "Registers an online transaction as paid by card."),
    _fault("receipt-payer-wrong", "RCP-06", "Makes the receipt out to somebody else."),
    _fault("receipt-numbers-repeat", "RCP-06", "Gives every receipt the same number.", "PAY-11"),
    _fault("receipt-amount-short", "RCP-06", "Makes the receipt out for one rupee less.", "RCP-07", "BIL-05"),
    _fault("demand-not-settled", "RCP-07", "Takes the money and leaves the demand unpaid.", "BIL-05", "PAY-12"),
    _fault("demand-settled-short", "RCP-07", "Collects one rupee less on the demand than was paid.", "PAY-12"),
    _fault("bill-stays-active", "RCP-07", "Leaves a bill ACTIVE after it was paid.", "BIL-05"),
    _fault("part-payment-closes-demand", "RCP-07", "Closes the demand after a partial payment.", "PAY-08", "BIL-05"),
)  # fmt: skip
PAYMENT_FAULTS: Final = (
    *(
        _fault(f"{mode}-refused", requirement, f"Refuses payments in mode {mode.upper()}.", "PAY-13", *dependents)
        for mode, requirement, dependents in (
            ("cash", "PAY-01", ("PAY-08", "PAY-09", "PAY-10", "PAY-11", "PAY-12", "PAY-07")),
            ("cheque", "PAY-02", ("PAY-06", "PAY-12", "PAY-09")),
            ("dd", "PAY-03", ("PAY-06", "PAY-12", "PAY-09")),
            ("online", "PAY-04", ("PAY-06", "PAY-09")),
            ("card", "PAY-05", ("PAY-06", "PAY-09")),
        )
    ),
    _fault("instrument-status-misspelt", "PAY-02 PAY-03", "Spells the instrument status of cheques APPROVALPENDING.", "CON-01"),
    _fault("receipt-number-unanswered", "PAY-01 PAY-02 PAY-03 PAY-04 PAY-05", "Answers a payment without its receipt number.", "CON-01", "PAY-13", "CON-04"),
    _fault("payment-sums-disagree", "PAY-01 PAY-02 PAY-03 PAY-04 PAY-05", "Answers a payment whose detail is one rupee short of its total.", "PAY-13"),
    _fault("payment-total-missing", "CON-01", "Leaves totalAmountPaid out of a payment's answer.", "PAY-01", "PAY-02", "PAY-03", "PAY-04", "PAY-05", "PAY-13", "CON-04"),
    _fault("cheque-number-optional", "PAY-06", "Takes a cheque or DD without a number."),
    _fault("cheque-date-optional", "PAY-06", "Takes a cheque or DD without a date."),
    _fault("future-cheque-accepted", "PAY-06", "Takes a cheque or DD of a future date."),
    _fault("stale-cheque-accepted", "PAY-06", "Takes a cheque or DD over 90 days old."),
    _fault("card-number-optional", "PAY-06", "Takes a card payment without its numbers.", "CON-04", "PAY-10"),
    _fault("online-number-optional", "PAY-06", "Takes an online payment without its numbers."),
    _fault("unknown-mode-accepted", "PAY-07", "Takes an unknown payment mode for cash.", "CON-03"),
    _fault("refused-mode-accepted", "PAY-07", "Takes a mode that the business service does not allow."),
    _fault("part-payment-accepted", "PAY-08 TXN-03", "Takes part of the due where the business service wants all."),
    _fault("advance-accepted", "PAY-08 TXN-03", "Takes more than the due where the business service allows no advance."),
    _fault("negative-amount-accepted", "PAY-08 TXN-03", "Takes a negative amount."),
    _fault("zero-amount-accepted", "PAY-08 TXN-03", "Takes nothing for a bill that is due."),
    _fault("fraction-accepted", "PAY-08", "Takes paise.", "TXN-03"),
    _fault("total-not-compared", "PAY-08", "Does not compare a payment's total with its details.", "RCP-07"),
    _fault("bill-paid-twice", "PAY-09", "Takes a second payment for a paid bill.", "BIL-05", "TXN-04", "TXN-09", "TXN-11", "PAY-10", "BIL-06"),
    _fault("payment-race", "PAY-09", "Lets payments at the same moment pass each other, so that both are stored."),
    _fault("validate-stores", "PAY-10", "Stores the payment that it was asked to validate."),
    _fault("validate-judges-nothing", "PAY-10", "Finds every payment valid.", "CON-04"),
    *(
        _fault(f"search-ignores-{kebab}", "PAY-11", f"Ignores the search criterion {name}.", *dependents)
        for kebab, name, dependents in (
            ("ids", "ids", ()),
            ("bill-ids", "billIds", ()),
            ("receipt-numbers", "receiptNumbers", ()),
            ("consumer-codes", "consumerCodes", ()),
            ("payer-ids", "payerIds", ()),
            ("status", "status", ()),
            ("instrument-status", "instrumentStatus", ()),
            ("payment-modes", "paymentModes", ()),
            ("business-services", "businessServices", ()),
            ("transaction-number", "transactionNumber", ("RCP-01", "RCP-05", "RCP-06", "TXN-06", "TXN-10", "TXN-11", "TXN-12", "TXN-08", "TXN-09", "RCP-02", "RCP-03", "RCP-04", "TXN-05")),
            ("mobile-number", "mobileNumber", ()),
            ("from-date", "fromDate", ()),
            ("to-date", "toDate", ("CON-04",)),
        )
    ),
    _fault("search-shows-other-tenants", "PAY-11", "Shows payments of other tenants.", "MDM-08"),
    _fault("unknown-value-shows-all", "PAY-11", "Shows all payments when nothing matches.", "RCP-05", "TXN-06", "TXN-08", "TXN-10", "TXN-12", "RCP-01", "TXN-11", "TXN-03", "TXN-04", "CON-04"),
    _fault("remitted-receipt-cancelled", "PAY-12", "Cancels a receipt whose money is settled."),
    _fault("older-receipt-cancelled", "PAY-12", "Cancels a receipt that is not the newest of its consumer code."),
    _fault("cash-dishonoured", "PAY-12", "Dishonours a payment that was no cheque."),
    _fault("remit-reverses-demand", "PAY-12", "Gives the demand's money back when a receipt is remitted."),
    _fault("workflow-does-nothing", "PAY-12", "Answers 200 to receipt workflow and changes nothing."),
    _fault("further-modes-refused", "PAY-13", "Refuses the modes beyond the five."),
)  # fmt: skip
MONEY_FAULTS: Final = (
    *BILL_FAULTS,
    *CREATION_FAULTS,
    *UPDATE_FAULTS,
    *RECEIPT_FAULTS,
    *PAYMENT_FAULTS,
)
