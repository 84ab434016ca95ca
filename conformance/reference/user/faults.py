"""The faults of egov-user: how it creates accounts, and to whom it issues tokens."""

from typing import Final

from conformance.reference.platform.faults import fault

FAULTS: Final = (
    fault("system-user-becomes-employee", "USR-01", "Creates an EMPLOYEE where a SYSTEM user was requested.", "USR-03"),
    fault("created-user-has-no-role", "USR-01", "Creates the SYSTEM user without its role.", "BIL-01", "CON-01", "MDM-04", "MDM-08"),
    fault("creation-ignores-tenant", "USR-01", "Creates the SYSTEM user at a city instead of the state tenant.", "USR-03"),
    fault("token-never-issued", "USR-03", "Issues no token to a SYSTEM user.", "USR-08"),
    fault("any-password-accepted", "USR-04", "Issues a token for a wrong password."),
    fault("unknown-type-accepted", "USR-04", "Issues a token for an unknown user type."),
    fault("login-ignores-tenant", "USR-04", "Issues a token whatever the tenant."),
    fault("internal-flag-honoured", "USR-04", "Skips the password when the client sends isInternal."),
    fault("empty-password-accepted", "USR-04", "Issues a token where no password is sent."),
    fault("city-login-falls-back-to-state", "USR-04", "Logs a state's SYSTEM user in at any of its cities.", "TXN-08", "MDM-08"),
    fault("system-user-logs-in-as-employee", "USR-05", "Gives a SYSTEM user an EMPLOYEE token."),
    fault("login-from-anywhere", "USR-06", "Issues tokens to a SYSTEM user at any address."),
    fault("refresh-from-anywhere", "USR-06", "Renews a SYSTEM user's session from any address."),
    fault("token-from-anywhere", "USR-07", "Takes a SYSTEM user's token from any address."),
    fault("forwarding-header-opens-login", "USR-08", "Believes a forwarding header at login."),
    fault("forwarding-header-opens-token", "USR-08", "Believes a forwarding header when a token is used."),
    fault("forwarding-chain-believed", "USR-08", "Believes the last address of a forwarding header that names several."),
    fault("forwarding-header-shuts-out", "USR-08", "Shuts a white-listed caller out for a forwarding header."),
    fault("token-alive-after-logout", "USR-09", "Accepts a token after its session ended."),
    fault("token-slot-ignores-type", "USR-13", "Gives users of one name and tenant one token, whatever their type."),
    fault("token-slot-ignores-tenant", "USR-13", "Gives users of one name and type one token, whatever their tenant."),
    fault("password-in-error", "USR-11", "Repeats the password in the error about it."),
)  # fmt: skip
