"""Lets made-up requests come as far as they can, and holds what sound ones are refused with against the request."""

import json
import os
import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from random import choice, random
from uuid import uuid4

import schemathesis

MOST_BODY_BYTES = 256 * 1024
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
TIME = re.compile(r"\d{4}-\d\d-\d\d(T[0-9:.]+(Z|[+-]\d\d:\d\d))?", re.IGNORECASE)
PAGE = re.compile(r"[1-9]\d{0,7}")
TAG = re.compile(r'\*|(W/)?"[!#-~]*"(, ?(W/)?"[!#-~]*")*')
SHORT_KEY = re.compile(r"[!#-~]{1,16}")

# Ids of records that are there, by the path of their collection: to be named, and to be deleted.
MODEL = json.loads(os.environ["RINGMASTER_FUZZ_MODEL"])
SPARE = json.loads(os.environ["RINGMASTER_FUZZ_SPARE"])


# The tool takes X-Request-Id for the id of a record, without which nothing can begin; before_call sends some instead. What
# dry-run made it would look for.
UNSEEN = ("X-Request-Id", "dry-run")


@schemathesis.hook
def before_load_schema(ctx, raw_schema):
    for name in UNSEEN:
        del raw_schema["components"]["parameters"][name]
    references = [f"#/components/parameters/{name}" for name in UNSEEN]
    for methods in raw_schema["paths"].values():
        for operation in methods.values():
            operation["parameters"] = [one for one in operation["parameters"] if one.get("$ref") not in references]


def is_sound(pattern, value):
    return isinstance(value, (str, int)) and pattern.fullmatch(str(value)) is not None


def drop_one_of(query, name, pattern, other, other_pattern):
    """The first while it is sound, else the second: where two stand against each other, nothing else would be looked at."""
    if name in query and other in query:
        if is_sound(pattern, query[name]):
            del query[name]
        elif is_sound(other_pattern, query[other]):
            del query[other]


def mend_query(query):
    drop_one_of(query, "after", UUID, "page", PAGE)
    drop_one_of(query, "until", TIME, "since", TIME)
    if is_sound(UUID, query.get("after")):
        del query["after"]
    if "text" in query:
        query.setdefault("since", "2016-06-21")


def mend_body(body):
    """Sound ids become those of records that are there; those of a target by what another field says it is."""
    for name, id in [(name, id) for name, id in body.items() if name.endswith("-id") and is_sound(UUID, id)]:
        kind = body.get("job-scope") if name == "resource-id" else name[: -len("-id")]
        plural = {"repository": "repositories"}.get(kind, f"{kind}s".replace("-", "_")) if isinstance(kind, str) else ""
        if MODEL.get(plural):
            body[name] = choice(MODEL[plural])


def mend_times(body):
    """No schema says which texts are cron expressions and time zones, nor what stands against them."""
    if isinstance(body.get("cron"), str):
        body["cron"] = "0 1 * * *"
        for other in ("at", "from", "until"):
            body.pop(other, None)
    if isinstance(body.get("time-zone"), str):
        body["time-zone"] = "Europe/Berlin"


def mend_path(case):
    """What is deleted is named by nobody else."""
    collection = case.path.split("/")[4]
    if not is_sound(UUID, case.path_parameters.get("id")):
        return
    if case.method != "DELETE" and MODEL.get(collection):
        case.path_parameters["id"] = choice(MODEL[collection])
    if case.method == "DELETE" and case.meta.generation.mode.is_positive and SPARE.get(collection):
        case.path_parameters["id"] = SPARE[collection].pop()


@schemathesis.hook
def before_call(ctx, case, kwargs):
    # A key stands for one request: generated ones are short and alike, and nearly all requests would be refused unread.
    if is_sound(SHORT_KEY, case.headers.get("Idempotency-Key")):
        case.headers["Idempotency-Key"] = str(uuid4())
    case.headers["X-Request-Id"] = choice(["order-7", str(uuid4()), "none", "x" * 100])
    # Links know better; and as it was made up every third request stays.
    if case.meta is None or case.meta.phase.name.value == "stateful" or random() < 1 / 3:
        return
    if is_sound(TAG, case.headers.get("If-Match")):
        del case.headers["If-Match"]
    if isinstance(case.query, dict):
        mend_query(case.query)
    if isinstance(case.body, dict):
        mend_body(case.body)
        mend_times(case.body)
    if "{id}" in case.path:
        mend_path(case)


@schemathesis.hook
def after_call(ctx, case, response):
    if response.status_code == 201 and "/actions/" in case.path:
        MODEL["jobs"].append(json.loads(response.content)["id"])


def are_tokens(text):
    numbers = [int(token) for token in text.split(",")]
    return len(set(numbers)) == len(numbers) and all(-(2**63) <= number < 2**63 for number in numbers)


def is_day(moment):
    """No month has more days than it has, whatever a pattern says; without a text there is none to be wrong."""
    try:
        return not moment or bool(date.fromisoformat(moment[:10]))
    except ValueError:
        return False


def has_unassigned(value):
    """The generator takes whole blocks for marks, holes included."""
    return isinstance(value, str) and any(unicodedata.category(character) == "Cn" for character in value)


def always(body, query):
    return True


# Pointer and message of what no schema can say, and what has to be true of the request's body and query besides.
REASONS = [
    (r"/page", r"cannot be given together with after", lambda body, query: "page" in query and "after" in query),
    (r"/after", r"must be the id of a [a-z-]+ of this list", lambda body, query: "after" in query),
    (r"/until", r"must be later than since", lambda body, query: "until" in query and "since" in query),
    (r"/text", r"is searched for within a job or a time range", lambda body, query: "since" not in query),
    (r"/[a-z-]+-id", r"names no [a-z-]+ that is there", always),
    (r"/(name|cluster-id|datacenter-id)", r"cannot be changed after creation", always),
    # Which settings a version has is told by definitions/{version}/, and not by the document.
    (r"/json/.*", r"", lambda body, query: {"json", "datastax-version", "product"} & body.keys()),
    (
        r"/native-transport-broadcast-address",
        r"\(v1: broadcast-rpc-address\) is required while the node listens on ",
        always,
    ),
    (r"/initial-token", r"must be Murmur3 tokens", lambda body, query: not are_tokens(body["initial-token"])),
    (r"/(cron|duration|from|until|at)", r"is required|is for |cannot be given together|must be later than (from|now)", always),
    (r"/cron", r"must (be able to come|leave time between|have ranges that begin with the smaller number)", always),
    (r"/time-zone", r"must be UTC or a name of the IANA", always),
    (r"/time-zone", r"is the clock of cron, and there is none: ", lambda body, query: body.get("cron") is None),
    (
        r"/(from|until|at)",
        r"must be a time with its offset",
        lambda body, query: not all(is_day(body.get(name)) for name in ("from", "until", "at")),
    ),
    # Which options and scopes a schedule may have depends on the type of its jobs.
    (r"/options/.*", r"is not a parameter of|is a field of the schedule itself|is a secret|must ", always),
    (r"/job-scope", r"must be one of datacenter, node", lambda body, query: body.get("job-type") == "upgrade" or "job-type" not in body),
    (r"/resource-id", r"is required$|names no (datacenter|node) of its cluster|must be the cluster-id, or empty", always),
    (r"/resource-id", r"has (no nodes|a cluster without a repository|nodes without a config profile)", always),
    (
        r"/(resource-id|change-default-cassandra-password)",
        r"The default password of cassandra cannot be changed: ",
        always,
    ),
    (
        r"/plan",
        r"is for what makes a job that stops nodes: a check",
        lambda body, query: "plan" in query or body.get("plan") in (True, "true"),
    ),
    (r"/.*", r"is beyond the whole numbers that JSON carries exactly", always),
]


def explains(error, body, query):
    pointer, message = error["pointer"], error["message"]
    return has_unassigned(body.get(pointer[1:])) or any(
        re.fullmatch(where, pointer, re.DOTALL) and re.match(what, message) and holds(body, query)
        for where, what, holds in REASONS
    )


def is_explained(response, case):
    if response.status_code == 412:
        return "If-Match" in case.headers
    if response.status_code == 413:
        return len(response.request.body or b"") > MOST_BODY_BYTES
    if response.status_code == 422:
        return "Idempotency-Key" in case.headers
    body = case.body if isinstance(case.body, Mapping) else {}
    errors = json.loads(response.content)["errors"]
    return bool(errors) and all(explains(error, body, case.query) for error in errors)


@schemathesis.check
def refusals_have_a_reason(ctx, response, case):
    """Of sound requests, where schemathesis.toml lets them be refused; the tool judges all others."""
    was_sound = case.meta is not None and case.meta.generation.mode.is_positive
    if was_sound and response.status_code in (400, 412, 413, 422) and not is_explained(response, case):
        raise AssertionError(f"a sound request was refused: {response.content[:1000]!r}")


# What cannot succeed, however long it is tried, or not without agents.
NEVER = re.compile(r"GET /api/v2/lcm/(clusters/\{id\}/cacert|nodes/\{id\}/drift)|POST /login|PUT /users/\{name\}")


@schemathesis.check
class every_operation_succeeds:
    """On either version: what is only ever refused shows nothing of what it answers."""

    def __init__(self):
        self.asked = {}
        self.succeeded = set()

    def after_response(self, ctx, response, case):
        label = case.operation.label.replace("/api/v1/", "/api/v2/")
        if response.request.method != case.operation.method.upper():
            return
        self.asked.setdefault(label, set()).add(response.status_code)
        if response.status_code < 300:
            self.succeeded.add(label)

    def after_run(self, ctx):
        refused = sorted(self.asked.keys() - self.succeeded)
        never = [f"{label} {sorted(self.asked[label])}" for label in refused if not NEVER.fullmatch(label)]
        if never:
            raise AssertionError(f"never answered with success: {', '.join(never)}")
