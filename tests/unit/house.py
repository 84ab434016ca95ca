"""The order of the modules inside each room, from the lowest floor to the highest.

A module imports from lower floors of its room only. A new module goes to the lowest floor that is
above everything it imports. `__init__` is the room itself.
"""

from typing import Final

# Room -> floors, the lowest first; the modules of a floor do not import each other.
ORDER: Final[dict[str, tuple[str, ...]]] = {
    "bbps": (
        "__init__ bill_pool clock demand_stock dimensions dimensions.dimension hindrance models "
        "outcome_channels.http_server "
        "outcome_channels.outcome_report passwords polling reconciliation",
        "answers audit audit.differences audit.fields bill_lots common_clock criteria "
        "deferred_cases dimensions.amounts "
        "dimensions.channels dimensions.codes dimensions.covering "
        "dimensions.credentials dimensions.limits dimensions.times outcome_channels.in_update "
        "outcome_channels.protocols payloads provisioning "
        "reconciliation.comparison searches tax_heads",
        "dimensions.payers outcome_channels.external outcome_channels.simulator",
        "audit.sights bill_supply outcome_channels",
        "audit.rules flow",
        "audit.readback cleanup dimensions.actors dimensions.changes "
        "dimensions.confirmations "
        "dimensions.states dimensions.updates ending reach reconciliation.records shelf trials",
        "dimensions.accounts dimensions.creations needs",
        "deferred dimensions.bills dimensions.payments named_needs",
        "dimensions.baskets dimensions.fetches dimensions.judged dimensions.namesakes journey_plan",
        "journey",
    ),
    "checks": (
        "__init__ bisection conftest crossed drift_probes expect leaks probes released settled "
        "stateful stateful.account stops",
        "controls stateful.payer test_audit test_contract_generated test_contract_summary "
        "test_races test_reconciliation",
        "keeping paying stateful.kinds stateful.readings stateful.record stateful.steps "
        "test_account_changes test_addresses "
        "test_bill test_contract_input "
        "test_deferred test_identity test_payment_validation "
        "test_master_data test_paise test_parts "
        "test_promised_amount test_receipt test_second_user test_sessions "
        "test_tenants test_transaction test_transaction_search test_updates",
        "stateful.coverage stateful.observer stateful.own_owner stateful.setting test_fetch "
        "test_great_amounts test_namesakes test_other_city test_owner test_payers test_payment "
        "test_payment_rules test_payment_search "
        "test_payment_workflow test_several_bills test_time test_who_pays",
        "stateful.plans stateful.results stateful.trace",
        "stateful.runner",
        "test_lifecycle",
    ),
    "cli": (
        "__init__ interview options output readiness register runs",
        "ending proof questions",
        "certify ci compare contracts deployment fleet mdms postman profile report rerun scenarios "
        "serving waivers",
        "repeat scenario_run",
        "main",
    ),
    "client": (
        "__init__ actors content deadline http_fields odd_records policy tokens traffic waits",
        "transport",
        "exchange_log response",
        "parts",
        "request_builder",
        "recorder",
        "client",
    ),
    "contracts": (
        "documents effects wording",
        "endpoints kept schemas scopes",
        "comparison conversion errata lifting references validation",
        "diff linking operations",
        "loading",
        "__init__ drift",
    ),
    "core": (
        "__init__ charsets errors exchange interrupts lanes nesting wording",
        "json_text once parsing redaction side_by_side",
        "sharing",
        "curl foreign_files resources verdicts",
        "check_index ledger requirements shapes",
    ),
    "doctor": (
        "lineage outcome_causes predictions suggestions",
        "diagnostics",
        "addresses connectivity login_failure master_data outcome_channel",
        "actors bills",
        "rights",
        "__init__",
    ),
    "fleet": (
        "__init__ inventory own_files sharing task",
        "city engines overview plan",
        "engines.child engines.local folder writing",
        "engines.dask merge running",
    ),
    "generation": (
        "plan response_rules turns values",
        "cases",
        "counterexamples results right_requests supplies",
        "fields sending",
        "campaign",
        "__init__",
    ),
    "mdms": (
        "__init__ masters",
        "checkout insertion recorded rules served",
        "access_rules billing_rules comparison forms plan",
        "flaws lint",
    ),
    "profile": (
        "__init__ placeholders section this_machine",
        "error_texts outcome",
        "target",
        "draft loading published_schema",
    ),
    "reference/access": (
        "__init__ authorization faults",
        "service",
    ),
    "reference/app": (
        "__init__ controls exchange_log faults framework noise old_http rate_limit seeds varying",
        "endpoint guard spoiling",
        "application",
        "serving",
    ),
    "reference/billing": (
        "__init__ bill_making faults requests",
        "tables",
        "advances distortions",
        "bills demands settlement",
        "service",
    ),
    "reference/collection": (
        "__init__ answers distortions faults requests tables",
        "rules workflow",
        "bills lapses",
        "receipts search",
        "payments",
        "service",
    ),
    "reference/gateway": (
        "__init__ faults refusals",
        "admission",
    ),
    "reference/hrms": (
        "__init__ employees",
        "service",
    ),
    "reference/lineages": (
        "__init__ stock strict",
        "digit_2_8 digit_lts mseva",
        "catalogue",
    ),
    "reference/mdms": (
        "__init__ faults filters masters",
        "folder serving",
        "service",
    ),
    "reference/payment_gateways": ("__init__ outcomes simulator",),
    "reference/pg": (
        "__init__ answers faults requests tables",
        "lapses",
        "confirmation lookups search",
        "histories",
        "creations ownership registration repeated",
        "finality",
        "updates",
        "transactions",
        "service",
    ),
    "reference/platform": (
        "__init__ amounts choices clock documents errors hash_order json_bodies",
        "lag master_data settings shapes",
        "site",
        "lineage store switches",
        "faults",
        "world",
        "ids money_calls queries service",
    ),
    "reference/user": (
        "__init__ addresses faults requests",
        "accounts",
        "credentials payers",
        "tokens",
        "service",
    ),
    "reference/variations": (
        "__init__ variation",
        "bodies refusals wire",
        "filled notations searches",
        "catalogue",
    ),
    "report": (
        "__init__ evidence har plain postman qr_code stories",
        "allure_texts carried console junit lint meaning",
        "allure annotations comparison first_page markdown register terminal",
        "allure_page certificate",
        "writing",
    ),
    "results": (
        "__init__ attestation attestation.keys estimate gate lock packed_lines rehearsal "
        "secret_scan settings waivers",
        "attestation.envelope exchange_store manifest model remaining waiving",
        "rollup validity waiver_draft",
        "attestation.statement reading",
        "attestation.pack attestation.signing gating",
        "comparing",
        "previous",
        "journal",
    ),
    "run": (
        "__init__ allure_folder choices estimate examination examination.proof github notes "
        "parallel readiness resume selection verdict_of waiting",
        "config examination.standing planning survey",
        "examination.signature header",
        "cleaning commands embedded examination.run_folder",
        "build_jobs examination.lone_page session",
        "examination.verifying executor opening pytest_options repeating scenario_files",
        "plugin reading rerunning",
        "certify",
        "indexing",
    ),
    "scenarios": (
        "__init__ patterns postman postman.body postman.file_names postman.format "
        "postman.helpers_written "
        "postman.javascript postman.json_files postman.lines postman.symbols templates",
        "json_paths",
        "places postman.address postman.conversions postman.credentials postman.expected "
        "postman.expressions "
        "postman.reader postman.schemas values",
        "model postman.calls postman.filling postman.import_report postman.names "
        "postman.searching postman.translation",
        "calls expectations postman.chai postman.requests postman.roundtrip "
        "postman.tests_written soundness typed_secrets",
        "catalogue postman.actors_written postman.assertions postman.refusals "
        "postman.values_written published_schema variables",
        "postman.exporter postman.scripts runner postman.steps",
        "plan postman.importer",
        "costs test_scenarios",
    ),
}
