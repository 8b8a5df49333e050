"""What schemathesis does besides for scripts/test-openapi: what ends a session or an account gets one of its own to end.

Calls come from an address of their own each, as a trusted proxy says, so that one is not throttled for another.
"""
import itertools, json, os, urllib.request

import schemathesis

API, TOKEN = os.environ["LATCHKEY_API"], os.environ["LATCHKEY_TOKEN"]
PASSWORD = os.environ["LATCHKEY_PASSWORD"]
ADDRESSES = (f"198.18.{number // 250 % 250}.{number % 250 + 1}" for number in itertools.count())
NAMES = (f"throw-away-{number}@acme.example" for number in itertools.count())


def call(method, path, body=None, token=None):
    request = urllib.request.Request(API + path, method=method, data=None if body is None else json.dumps(body).encode())
    request.add_header("Content-Type", "application/json")
    request.add_header("X-Forwarded-For", next(ADDRESSES))
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read() or b"null")


def invited():
    """An account that nobody misses, as the answer to its creation has it."""
    return call("POST", "/accounts", dict(email=next(NAMES), name="Nobody", role="owner"), TOKEN)


def signed_in():
    """The same, signed in: hashing its password takes a while."""
    return call("POST", "/invitations", dict(token=invited()["invitation"]["token"], password=PASSWORD))


def sign_out(case):
    case.headers["Authorization"] = f"Bearer {signed_in()['token']}"


def end_session(case):
    if case.path_parameters.get("sessionId") in (OWN["session"], EXAMPLES["session"]):
        token = signed_in()["token"]
        case.headers["Authorization"] = f"Bearer {token}"
        case.path_parameters["sessionId"] = call("GET", "/sessions", token=token)["items"][0]["id"]


def change_account(case):
    if case.path_parameters.get("accountId") in (OWN["account"], EXAMPLES["account"]):
        case.path_parameters["accountId"] = invited()["id"]


def change_password(case):
    if isinstance(case.body, dict) and case.body.get("current") == PASSWORD:
        sign_out(case)


SPENDING = dict(
    signOut=sign_out, endSession=end_session, changePassword=change_password, deleteAccount=change_account,
    updateAccount=change_account)
# Ids that schemathesis takes from answers and from the document, in place of which others are spent.
OWN = dict(
    account=call("GET", "/me", token=TOKEN)["account"]["id"],
    session=call("GET", "/sessions", token=TOKEN)["items"][0]["id"])
with open(os.environ["LATCHKEY_DOCUMENT"]) as file:
    schemas = json.load(file)["components"]["schemas"]
EXAMPLES = {
    name: schemas[schema]["properties"]["id"]["examples"][0]
    for name, schema in dict(account="Account", session="OpenSession").items()}


@schemathesis.serializer("application/vnd.oai.openapi")
def serialize(context, value):
    """JSON is YAML too."""
    return value if isinstance(value, bytes) else json.dumps(value, default=str).encode()


@schemathesis.hook
def before_call(context, case, kwargs):
    case.headers["X-Forwarded-For"] = next(ADDRESSES)
    case.headers["Authorization"] = f"Bearer {TOKEN}"
    SPENDING.get(case.operation.definition.raw.get("operationId"), lambda case: None)(case)
