"""The faults of egov-mdms-service: which roles, actions and grants it serves and honours."""

from typing import Final

from conformance.reference.platform.faults import fault

FAULTS: Final = (
    fault("bbps-user-creates-users", "USR-02", "Grants user creation to the BBPS role.", "MDM-05"),
    fault("role-listed-twice", "MDM-01", "Lists the BBPS role twice in roles.json.", "MDM-07"),
    fault("role-not-listed", "MDM-01", "Lists no BBPS role in roles.json.", "MDM-06", "MDM-07"),
    fault("grant-missing", "MDM-02", "Leaves the update out of the role's rows in roleactions.json.", "MDM-07"),
    fault("action-with-another-url", "MDM-03", "Resolves the id of payment creation to another URL.", "MDM-06", "MDM-07"),
    fault("grant-not-in-effect", "MDM-04", "Serves the grant of payment creation, but does not honour it.", "USR-07", "USR-09", "PAY-13", "MDM-08"),
    fault("bbps-user-cancels-receipts", "MDM-05", "Lets the BBPS user run receipt workflow."),
    fault("bbps-user-changes-demands", "MDM-05", "Lets the BBPS user change demands."),
    fault("bbps-user-searches-people", "MDM-05", "Lets the BBPS user search people."),
    fault("bbps-user-searches-transactions", "MDM-05", "Lets the BBPS user search transactions."),
    fault("grant-of-receipt-search", "MDM-06", "Grants the BBPS role a receipt search that nobody declared.", "MDM-05", "MDM-07"),
    fault("dangling-grant", "MDM-06", "Grants the BBPS role an action id that does not exist.", "MDM-07"),
    fault("duplicate-grant", "MDM-06", "Lists one grant of the BBPS role twice.", "MDM-07"),
    fault("mdms-not-restarted", "MDM-07", "Serves roles.json without the role that was added last.", "MDM-06"),
)  # fmt: skip
