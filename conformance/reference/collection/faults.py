"""The faults of collection-services: payments, receipts, search and workflow."""

from typing import Final

from conformance.reference.platform.faults import fault

FAULTS: Final = (
    fault("expired-bill-payable", "BIL-06 TXN-03", "Takes a new transaction on an expired bill."),
    fault("withdrawn-bill-payable", "BIL-06", "Takes a new transaction on a bill that a fresh one replaced."),
    fault("foreign-bill-accepted", "TXN-03", "Takes the bill of another tenant.", "MDM-08", "PAY-11"),
    fault("receipt-numbers-repeat", "RCP-06", "Gives every receipt the same number.", "PAY-11"),
    *(
        fault(f"{mode}-refused", requirement, f"Refuses payments in mode {mode.upper()}.", "PAY-13", *dependents)
        for mode, requirement, dependents in (
            ("cash", "PAY-01", ("PAY-08", "PAY-09", "PAY-10", "PAY-11", "PAY-12", "PAY-07")),
            ("cheque", "PAY-02", ("PAY-06", "PAY-12", "PAY-09")),
            ("dd", "PAY-03", ("PAY-06", "PAY-12", "PAY-09")),
            ("online", "PAY-04", ("PAY-06", "PAY-09")),
            ("card", "PAY-05", ("PAY-06", "PAY-09")),
        )
    ),
    fault("instrument-status-misspelt", "PAY-02 PAY-03", "Spells the instrument status of cheques APPROVALPENDING.", "CON-01"),
    fault("receipt-number-unanswered", "PAY-01 PAY-02 PAY-03 PAY-04 PAY-05", "Answers a payment without its receipt number.", "CON-01", "PAY-13", "CON-04"),
    fault("payer-address-lost", "CON-05", "Stores the bill's address of the payer over the one that was sent."),
    fault("payment-sums-disagree", "PAY-01 PAY-02 PAY-03 PAY-04 PAY-05", "Answers a payment whose detail is one rupee short of its total.", "PAY-13"),
    fault("payment-total-missing", "CON-01", "Leaves totalAmountPaid out of a payment's answer.", "PAY-01", "PAY-02", "PAY-03", "PAY-04", "PAY-05", "PAY-13", "CON-04"),
    fault("cheque-number-optional", "PAY-06", "Takes a cheque or DD without a number."),
    fault("cheque-date-optional", "PAY-06", "Takes a cheque or DD without a date."),
    fault("empty-number-accepted", "PAY-06", "Takes an empty number of an instrument or transaction for one.", "CON-01"),
    fault("future-cheque-accepted", "PAY-06", "Takes a cheque or DD of a future date."),
    fault("stale-cheque-accepted", "PAY-06", "Takes a cheque or DD over 90 days old."),
    fault("card-number-optional", "PAY-06", "Takes a card payment without its numbers.", "CON-01", "CON-04", "PAY-10"),
    fault("online-number-optional", "PAY-06", "Takes an online payment without its numbers.", "CON-01"),
    fault("unknown-mode-accepted", "PAY-07", "Takes an unknown payment mode for cash.", "CON-03"),
    fault("refused-mode-accepted", "PAY-07", "Takes a mode that the business service does not allow."),
    fault("part-payment-accepted", "PAY-08 TXN-03", "Takes part of the due where the business service wants all."),
    fault("advance-accepted", "PAY-08 TXN-03", "Takes more than the due where the business service allows no advance."),
    fault("negative-amount-accepted", "PAY-08 TXN-03", "Takes a negative amount."),
    fault("zero-amount-accepted", "PAY-08 TXN-03", "Takes nothing for a bill that is due."),
    fault("fraction-accepted", "PAY-08", "Takes paise.", "TXN-03"),
    fault("paise-left-due", "TXN-03", "Takes the rupees of a bill for all of it; paise below half a rupee stay due.", "PAY-08", "PAY-10", "RCP-07", "BIL-05"),
    fault("any-part-accepted", "PAY-08", "Takes any amount where part payment is allowed, negative and fractional ones too."),
    fault("smaller-total-accepted", "PAY-08", "Takes a total that is less than its details.", "RCP-07"),
    fault("total-not-compared", "PAY-08", "Does not compare a payment's total with its details.", "RCP-07"),
    fault("bill-paid-twice", "PAY-09", "Takes a second payment for a paid bill.", "BIL-05", "TXN-04", "TXN-09", "TXN-11", "PAY-10", "BIL-06"),
    fault("payment-race", "PAY-09", "Lets payments at the same moment pass each other, so that both are stored."),
    fault("validate-stores", "PAY-10", "Stores the payment that it should only validate."),
    fault("validate-overlooks-payments", "PAY-10", "Finds a second payment of a bill valid."),
    fault("validate-overlooks-sums", "PAY-10", "Finds a payment valid whose total is not the sum of its details."),
    fault("validate-judges-nothing", "PAY-10", "Finds every payment valid.", "CON-04"),
    *(
        fault(f"search-ignores-{kebab}", "PAY-11", f"Ignores the search criterion {name}.", *dependents)
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
    fault("codes-searched-everywhere", "PAY-11", "Shows payments of other tenants in a search by consumer code."),
    fault("search-takes-first-of-list", "PAY-11", "Searches by the first of several values only.", "RCP-07"),
    fault("search-shows-other-tenants", "PAY-11", "Shows payments of other tenants.", "MDM-08"),
    fault("unknown-value-shows-all", "PAY-11", "Shows all payments when nothing matches.", "RCP-05", "TXN-06", "TXN-08", "TXN-10", "TXN-12", "RCP-01", "TXN-11", "TXN-03", "TXN-04", "CON-04"),
    fault("remitted-receipt-cancelled", "PAY-12", "Cancels a receipt whose money is settled."),
    fault("older-receipt-cancelled", "PAY-12", "Cancels a receipt that is not the newest of its consumer code."),
    fault("cash-dishonoured", "PAY-12", "Dishonours a payment that was no cheque."),
    fault("remit-reverses-demand", "PAY-12", "Gives the demand's money back when a receipt is remitted."),
    fault("workflow-does-nothing", "PAY-12", "Answers 200 to receipt workflow and changes nothing."),
    fault("cheque-settles-nothing", "BIL-05", "Offers a bill that was paid by cheque again until the bank has cleared it.", "RCP-07", "PAY-12"),
    fault("further-modes-refused", "PAY-13", "Refuses the modes beyond the five."),
)  # fmt: skip
