"""The catalogue of faults: identity, access, master data and the form of answers."""

from typing import Final

from conformance.reference.platform.faults import Fault


def _fault(name: str, requirement: str, sentence: str, *dependents: str) -> Fault:
    requirements = tuple(requirement.split())
    return Fault(name=name, requirements=requirements, sentence=sentence, dependents=dependents)


IDENTITY_FAULTS: Final = (
    _fault("system-user-becomes-employee", "USR-01", "Creates an EMPLOYEE where a SYSTEM user was asked for.", "USR-03"),
    _fault("created-user-has-no-role", "USR-01", "Creates the SYSTEM user without its role.", "BIL-01", "CON-01", "MDM-04", "MDM-08"),
    _fault("creation-ignores-tenant", "USR-01", "Creates the SYSTEM user at a city instead of the state tenant.", "USR-03"),
    _fault("user-creation-open", "USR-02", "Lets anybody create users, without a token."),
    _fault("bbps-user-creates-users", "USR-02", "Grants user creation to the BBPS role.", "MDM-05"),
    _fault("employee-creates-users", "USR-02", "Lets any employee create users."),
    _fault("citizen-changes-roles", "USR-02", "Lets a citizen change users and their roles."),
    _fault("token-never-issued", "USR-03", "Issues no token to a SYSTEM user.", "USR-08"),
    _fault("any-password-accepted", "USR-04", "Issues a token for a wrong password."),
    _fault("unknown-type-accepted", "USR-04", "Issues a token for an unknown user type."),
    _fault("login-ignores-tenant", "USR-04", "Issues a token whatever the tenant."),
    _fault("internal-flag-honoured", "USR-04", "Skips the password when the client sends isInternal."),
    _fault("empty-password-accepted", "USR-04", "Issues a token where no password is sent."),
    _fault("city-login-falls-back-to-state", "USR-04", "Logs a state's SYSTEM user in at any of its cities.", "TXN-08", "MDM-08"),
    _fault("system-user-logs-in-as-employee", "USR-05", "Gives a SYSTEM user an EMPLOYEE token."),
    _fault("login-from-anywhere", "USR-06", "Issues tokens to a SYSTEM user at any address."),
    _fault("refresh-from-anywhere", "USR-06", "Renews a SYSTEM user's session from any address."),
    _fault("get-from-anywhere", "USR-07", "Looks at the address of a POST, but not of a GET."),
    _fault("token-from-anywhere", "USR-07", "Takes a SYSTEM user's token from any address."),
    _fault("forwarding-header-opens-login", "USR-08", "Believes a forwarding header at login."),
    _fault("forwarding-header-opens-token", "USR-08", "Believes a forwarding header when a token is used."),
    _fault("forwarding-chain-believed", "USR-08", "Believes the last address of a forwarding header that names several."),
    _fault("forwarding-header-shuts-out", "USR-08", "Shuts a white-listed caller out for a forwarding header."),
    _fault("fetch-without-token", "USR-09", "Serves fetchBill without a token."),
    _fault("get-without-token", "USR-09", "Lets a GET of the update in without a token, as the return from a payment page."),
    _fault("token-alive-after-logout", "USR-09", "Goes on taking a token after its session ended."),
    _fault("claimed-roles-believed", "USR-10", "Adds the roles that the client claims in userInfo."),
    _fault("claimed-identity-signs", "USR-10", "Signs a transaction with the identity that the client claims.", "TXN-08"),
    _fault("claimed-identity-signs-payment", "USR-10", "Signs a payment with the identity that the client claims."),
    _fault("token-in-error", "USR-11", "Repeats the token in the refusal of an action."),
    _fault("password-in-error", "USR-11", "Repeats the password in the error about it."),
    _fault("internal-host-in-error", "USR-11", "Names an internal host in an error."),
    _fault("role-listed-twice", "MDM-01", "Lists the BBPS role twice in roles.json.", "MDM-07"),
    _fault("role-not-listed", "MDM-01", "Lists no BBPS role in roles.json.", "MDM-07"),
    _fault("grant-missing", "MDM-02", "Leaves the update out of the role's rows in roleactions.json.", "MDM-07"),
    _fault("action-with-another-url", "MDM-03", "Resolves the id of payment creation to another URL.", "MDM-06", "MDM-07"),
    _fault("grant-not-in-effect", "MDM-04", "Serves the grant of payment creation, but does not honour it.", "USR-07", "USR-09", "PAY-13", "MDM-08"),
    _fault("bbps-user-cancels-receipts", "MDM-05", "Lets the BBPS user run receipt workflow."),
    _fault("bbps-user-changes-demands", "MDM-05", "Lets the BBPS user change demands."),
    _fault("bbps-user-searches-people", "MDM-05", "Lets the BBPS user search people."),
    _fault("bbps-user-searches-transactions", "MDM-05", "Lets the BBPS user search transactions."),
    _fault("role-check-ignores-spelling", "MDM-05", "Checks roles for the path as spelt and serves the tidied one, so that odd spellings pass."),
    _fault("grant-of-receipt-search", "MDM-06", "Grants the BBPS role a receipt search that nobody declared.", "MDM-05", "MDM-07"),
    _fault("dangling-grant", "MDM-06", "Grants the BBPS role an action id that does not exist.", "MDM-07"),
    _fault("duplicate-grant", "MDM-06", "Lists one grant of the BBPS role twice.", "MDM-07"),
    _fault("mdms-not-restarted", "MDM-07", "Serves roles.json without the role that was added last."),
    _fault("state-role-stays-at-state", "MDM-08", "Does not let a state role reach its cities.", "MDM-04"),
    _fault("city-role-reaches-all", "MDM-08", "Lets a city role reach other cities."),
    _fault("first-tenant-counts", "MDM-08", "Checks the first tenant of a body, and overlooks the others."),
    _fault("body-tenant-wins", "MDM-08", "Checks the tenant of the body and serves that of the query."),
    _fault("undocumented-status", "CON-01", "Answers fetchBill with 206."),
    _fault("wrong-media-type", "CON-01", "Answers a transaction search as text/plain."),
    _fault("response-info-missing", "CON-01", "Leaves ResponseInfo out of a transaction search.", "CON-04"),
    _fault("creation-time-as-text", "CON-01", "Tells createdTime of a transaction search as text."),
    _fault("bill-status-misspelt", "CON-01", "Spells a bill's status in lower case."),
    _fault("gateway-list-breaks", "CON-02", "Breaks down with 500 when the gateways are listed."),
    _fault("breaks-on-odd-input", "CON-07", "Breaks down with 500 on a body of the wrong type.", "CON-02", "CON-03"),
    _fault("error-as-html", "CON-07", "Answers malformed JSON with an HTML page."),
    _fault("error-with-200", "CON-07", "Answers malformed JSON with 200 and an error inside.", "CON-04"),
)  # fmt: skip
