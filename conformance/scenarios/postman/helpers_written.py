"""The beginning of every test script of an export: how a scenario reads an answer, and compares."""

import json
from typing import Final

from conformance.client.response import NOTHING_THERE, OF_A_ROUTER
from conformance.profile.error_texts import DIGIT

_READING: Final = """\
const body = (() => { try { return pm.response.json(); } catch (e) { return undefined; } })();
const within = (value, path) => path.reduce((v, key) => (v === null || v === undefined ? undefined : v[key]), value);
const at = (...path) => within(body, path);
const value = (text) => pm.variables.replaceIn(text);
const numeric = (v) => (typeof v === "number" || (typeof v === "string" && /^-?(0|[1-9][0-9]*)(\\.[0-9]+)?$/.test(v)));
const plain = (v) => {
  if (Array.isArray(v)) return v.map(plain);
  if (v && typeof v === "object") return Object.fromEntries(Object.keys(v).sort().map((key) => [key, plain(v[key])]));
  return numeric(v) ? Number(v) : typeof v === "boolean" ? String(v) : v === undefined ? null : v;
};
const count = (v) => (typeof v === "string" || Array.isArray(v) ? v.length : v && typeof v === "object" ? Object.keys(v).length : NaN);
const same = (one, other) => JSON.stringify(plain(one)) === JSON.stringify(plain(other));
const missing = (v) => v === undefined || v === null;
const empty = (v) => v === undefined || v === null || v === "";
const contains = (v, part) => (typeof v === "string" ? v.includes(String(part))
  : Array.isArray(v) ? v.some((each) => same(each, part))
  : v && typeof part === "object" ? Object.keys(part).every((key) => key in v && same(v[key], part[key]))
  : v ? part in v : false);
const size = (v) => (numeric(v) ? Number(v) : NaN);
const lasting = (v) => { if (v && typeof v === "object" && !Array.isArray(v)) return Object.fromEntries(Object.entries(v).filter(([key]) => !/^respo(ns|sn)einfo$/i.test(key))); return v; };
"""  # noqa: E501
# What `Response` says of an answer, for a deployment with the texts of DIGIT.
_KINDS: Final = """\
const status = pm.response.code;
const text = (() => { try { return pm.response.text() || ""; } catch (e) { return ""; } })();
const errors = body && Array.isArray(body.Errors) ? body.Errors.filter((each) => each && typeof each === "object") : [];
const codes = errors.flatMap((each) => [each.id, each.code]).filter(Boolean).map(String);
const formal = Boolean(body) && typeof body === "object" && !Array.isArray(body)
  && ("error" in body || errors.some((each) => each.id || each.code || each.message));
const says = (words) => words.some((word) => text.includes(word));
const ended = status >= 400 && says(NO_SESSION);
const barred = ended || (status >= 400 && status < 500 && says(NOT_ALLOWED));
const positive = status >= 200 && status < 300;
const accepted = positive && !errors.length;
const refused = barred || (positive && errors.length > 0) || ([401, 403].includes(status) && !text) || (status >= 400 && status < 500 && formal);
const denied = barred || (refused && [401, 403].includes(status));
const known = status === 404 ? codes.length > 0 && !codes.some((each) => NOTHING.includes(each)) : !ROUTER.includes(status);
const reached = accepted || (refused && !denied && known);
"""  # noqa: E501
HELPERS: Final = "".join(
    (
        _READING,
        *(
            f"const {name} = {json.dumps(sorted(values))};\n"
            for name, values in (
                ("NO_SESSION", DIGIT.no_session),
                ("NOT_ALLOWED", DIGIT.not_allowed),
                ("NOTHING", NOTHING_THERE),
                ("ROUTER", OF_A_ROUTER),
            )
        ),
        _KINDS,
    )
)
# What a scenario requires of a status in a word. Who refuses, a gateway or a service, a collection
# cannot find out.
WORDS: Final = {
    "accepted": "accepted",
    "refused": "refused && !ended",
    "kept-out": "refused",
    "denied": "denied",
    "reached": "reached",
}
