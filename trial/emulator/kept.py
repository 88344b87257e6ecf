"""What outlives the emulator: its databases are found again by the next run, and that one's emulator must know of them
what this one knew, as an account does.

- the values of secrets that a template has generated: the passwords are in the databases, and an old primary in
  quarantine learns no new ones
- the items of tables: the journal of the failover controller
- what templates said of each database instance (real_databases.py): the next deployment changes what differs from that
- ids of security groups are not kept, but made from the names of stack and resource, so that they stay the same: a
  database is behind its groups before the stack is there

TRIAL_KEPT  file for all that, readable by its owner alone; absent: nothing is kept
"""

import contextvars
import hashlib
import json
import os
import threading
import time

from ministack.core.responses import get_account_id, get_region
from ministack.services import dynamodb, ec2, secretsmanager
from ministack.services.cloudformation import provisioners, stacks

FILE = os.environ.get("TRIAL_KEPT")
# How long a change may be unwritten.
DELAY_SECONDS = 0.25
READING = ("BatchGet", "Describe", "Get", "List", "Query", "Scan", "TransactGet")

kept = {"secrets": {}, "tables": {}, "instances": {}}
# Keys of MiniStack's stores, by names in the file: what is there now, and not only kept.
live = {"secrets": {}, "tables": {}}
changed = threading.Event()
writing = threading.Lock()


def key_of(name):
    return f"{get_account_id()}/{get_region()}/{name}"


def place_of(name):
    return get_account_id(), get_region(), name


def current(secret):
    return next(one for one in secret["Versions"].values() if "AWSCURRENT" in one["Stages"])


def collect():
    for key, place in list(live["secrets"].items()):
        secret = secretsmanager._secrets._data.get(place)
        if secret is not None:
            kept["secrets"][key] = current(secret)["SecretString"]
    for key, place in list(live["tables"].items()):
        table = dynamodb._tables._data.get(place)
        if table is not None:
            kept["tables"][key] = table["items"]


def text_of_all():
    while True:
        try:
            collect()
            return json.dumps(kept)
        except RuntimeError:  # changed while it was read
            time.sleep(0.01)


def flush():
    """Writes all, whole or not at all."""
    with writing:
        changed.clear()
        text = text_of_all()
        descriptor = os.open(f"{FILE}.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
        os.replace(f"{FILE}.new", FILE)


def write_for_ever():
    while True:
        changed.wait()
        time.sleep(DELAY_SECONDS)
        flush()


def load():
    try:
        with open(FILE) as file:
            kept.update(json.load(file))
    except FileNotFoundError:
        pass


def remembered(identifier):
    """What a template last said of a database instance; None: nothing is known."""
    return kept["instances"].get(identifier)


def remember(identifier, props):
    kept["instances"][identifier] = props
    changed.set()


def forget(kind, key):
    live.get(kind, {}).pop(key, None)
    kept[kind].pop(key, None)
    changed.set()


def noticed(service):
    """Calls that write mark what is kept as changed."""
    own = service.handle_request

    async def handle_request(method, path, headers, *rest):
        answer = await own(method, path, headers, *rest)
        action = headers.get("x-amz-target", "").split(".")[-1]
        if not action.startswith(READING):
            changed.set()
        return answer

    service.handle_request = handle_request


def keep_secrets():
    kind = "AWS::SecretsManager::Secret"
    stock = provisioners._RESOURCE_HANDLERS[kind]

    def create(logical_id, props, stack):
        name, attributes = stock["create"](logical_id, props, stack)
        generated, key = props.get("GenerateSecretString"), key_of(name)
        if generated and not props.get("SecretString"):
            version = current(secretsmanager._secrets[name])
            if key in kept["secrets"]:
                version["SecretString"] = with_part(version["SecretString"], kept["secrets"][key], generated)
            live["secrets"][key] = place_of(name)
            changed.set()
        return name, attributes

    def delete(name, props):
        forget("secrets", key_of(name))
        stock["delete"](name, props)

    provisioners._RESOURCE_HANDLERS[kind] = stock | {"create": create, "delete": delete}


def with_part(new, old, generated):
    """The new value, with what was generated taken from the old one."""
    if not generated.get("SecretStringTemplate"):
        return old
    part = generated.get("GenerateStringKey", "password")
    return json.dumps(json.loads(new) | {part: json.loads(old)[part]})


def keep_tables():
    kind = "AWS::DynamoDB::Table"
    stock = provisioners._RESOURCE_HANDLERS[kind]

    def create(logical_id, props, stack):
        name, attributes = stock["create"](logical_id, props, stack)
        key = key_of(name)
        for partition, items in kept["tables"].get(key, {}).items():
            dynamodb._tables[name]["items"][partition].update(items)
        live["tables"][key] = place_of(name)
        changed.set()
        return name, attributes

    def delete(name, props):
        forget("tables", key_of(name))
        stock["delete"](name, props)

    provisioners._RESOURCE_HANDLERS[kind] = stock | {"create": create, "delete": delete}

    add_event = stacks._add_event

    def noticed_event(stack_id, stack, logical_id, event_kind, status, reason="", physical_id="", **more):
        # A table that outlives its stack is nobody's any more. The next stack's has another name on AWS, and the same
        # one here: it must not find what is in this.
        if event_kind == kind and status == "DELETE_SKIPPED":
            forget("tables", key_of(physical_id))
        add_event(stack_id, stack, logical_id, event_kind, status, reason, physical_id, **more)

    stacks._add_event = noticed_event


def lasting_group_ids():
    kind = "AWS::EC2::SecurityGroup"
    stock = provisioners._RESOURCE_HANDLERS[kind]
    any_id = ec2._new_sg_id
    wanted = contextvars.ContextVar("wanted", default=None)

    def new_id():
        group = wanted.get()
        # A group that replaces another is another.
        return any_id() if group is None or group in ec2._security_groups else group

    def create(logical_id, props, stack):
        name = f"{key_of(stack)}/{logical_id}"
        token = wanted.set("sg-" + hashlib.sha256(name.encode()).hexdigest()[:17])
        try:
            return stock["create"](logical_id, props, stack)
        finally:
            wanted.reset(token)

    ec2._new_sg_id = new_id
    provisioners._RESOURCE_HANDLERS[kind] = stock | {"create": create}


def install():
    lasting_group_ids()
    if not FILE:
        return
    load()
    keep_secrets()
    keep_tables()
    noticed(dynamodb)
    noticed(secretsmanager)
    threading.Thread(target=write_for_ever, daemon=True).start()
