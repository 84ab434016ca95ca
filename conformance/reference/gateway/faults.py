"""The faults of the gateway: whom it lets through, and what its refusals contain."""

from typing import Final

from conformance.reference.platform.faults import fault

FAULTS: Final = (
    fault("user-creation-open", "USR-02", "Lets anybody create users, without a token."),
    fault("employee-creates-users", "USR-02", "Lets any employee create users."),
    fault("citizen-changes-roles", "USR-02", "Lets a citizen change users and their roles."),
    fault("employee-changes-roles", "USR-02", "Lets any employee change users and their roles."),
    fault("header-token-from-anywhere", "USR-07", "Looks at the address of a token in the body, but not of one in the header."),
    fault("cookie-token-from-anywhere", "USR-07", "Takes a token of a cookie from any address."),
    fault("get-from-anywhere", "USR-07", "Looks at the address of a POST, but not of a GET."),
    fault("forwarding-header-ends-session", "USR-08", "Serves a call whose forwarding header names another address, and ends its session."),
    fault("fetch-without-token", "USR-09", "Serves fetchBill without a token.", "USR-07"),
    fault("get-without-token", "USR-09", "Lets a GET of the update in without a token, as the return from a payment page.", "USR-07"),
    fault("query-token-unchecked", "USR-09", "Lets everybody in who has a token in the query, whatever it is.", "USR-07"),
    fault("bearer-token-unchecked", "USR-09", "Lets everybody in who has a bearer token, whatever it is.", "USR-07"),
    fault("roles-in-header-believed", "USR-10", "Adds the roles of the user whom a header names.", "MDM-05"),
    fault("roles-of-other-request-info-believed", "USR-10", "Adds the roles of the userInfo in a second requestInfo."),
    fault("identity-header-signs-payment", "USR-10", "Signs a payment with the id that a header names.", "CON-04"),
    fault("claimed-roles-believed", "USR-10", "Adds the roles that the client claims in userInfo."),
    fault("claimed-identity-signs", "USR-10", "Signs a transaction with the identity that the client claims.", "TXN-08"),
    fault("claimed-identity-signs-payment", "USR-10", "Signs a payment with the identity that the client claims."),
    fault("token-in-error", "USR-11", "Repeats the token in the refusal of an action."),
    fault("internal-host-in-error", "USR-11", "Names an internal host in an error."),
    fault("role-check-ignores-spelling", "MDM-05", "Checks roles for the path as spelt and serves the tidied one, so that odd spellings pass."),
    fault("pass-through-header-opens", "MDM-05", "Checks no role where a header says that a gateway did."),
    fault("method-override-opens", "MDM-05", "Checks no role where a header overrides the method."),
    fault("original-url-header-judged", "MDM-05", "Checks roles for the path that a header names."),
    fault("middle-of-a-path-overlooked", "MDM-05", "Chooses an action by the first and the last part of a path, and checks no role for an odd one.", "USR-02"),
    fault("odd-request-info-breaks-gateway", "CON-07", "Breaks down with 500 on a RequestInfo that is no object."),
    fault("own-tenant-counts", "MDM-08", "Lets every role of a user count at the user's own tenant, whatever tenant it is for."),
    fault("tenant-of-another-role-counts", "MDM-08", "Lets every role of a user count at the tenant of each of them."),
    fault("first-tenant-counts", "MDM-08", "Checks the first tenant of a body, and overlooks the others."),
    fault("detail-tenant-unchecked", "MDM-08", "Checks the tenants of the outermost objects of a body, not those of their details."),
    fault("tenants-of-later-items-unchecked", "MDM-08", "Checks the tenants of the first element of each list."),
    fault("state-tenant-unchecked", "MDM-08", "Checks the cities that a body names, and overlooks the state where there is a city."),
    fault("body-tenant-wins", "MDM-08", "Checks the tenant of the body and serves that of the query."),
)  # fmt: skip
