"""What has no handler is written down instead of refusing the whole template.

Nothing stands behind such a resource, so whoever deploys must be told: its physical id begins with "recorded-", and
npm start lists all of those after a deployment.
"""

from ministack.core.responses import new_uuid
from ministack.services.cloudformation import provisioners

# trial/undeployed.ts looks for it.
PREFIX = "recorded-"


def attributes_of(name):
    return {"Arn": f"arn:aws:trial:::{name}", "Id": name}


def create(logical_id, _props, stack):
    name = f"{PREFIX}{stack}-{logical_id}-{new_uuid()[:8]}"
    return name, attributes_of(name)


def update(name, _old, _new, _stack):
    return name, attributes_of(name)


def delete(_name, _props):
    pass


RECORDER = {"create": create, "update": update, "delete": delete}


def is_recorded(kind):
    return isinstance(kind, str) and kind.startswith("AWS::") and not kind.startswith("AWS::CloudFormation::")


class Handlers(dict):
    def __contains__(self, kind):
        return super().__contains__(kind) or is_recorded(kind)

    def __getitem__(self, kind):
        return super().__getitem__(kind) if super().__contains__(kind) else RECORDER

    def get(self, kind, default=None):
        return self[kind] if kind in self else default


def install():
    provisioners._RESOURCE_HANDLERS = Handlers(provisioners._RESOURCE_HANDLERS)
