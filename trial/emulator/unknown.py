"""Resource types without a handler are written down instead of refusing the whole template.

Nothing stands behind such a resource, so whoever deploys must be told: serve.py reports the types that are known,
and npm start lists the rest after each deployment.
"""

import logging

from ministack.core.responses import new_uuid
from ministack.services.cloudformation import provisioners


def is_recorded(kind):
    return isinstance(kind, str) and kind.startswith("AWS::") and not kind.startswith("AWS::CloudFormation::")


def create(logical_id, _props, stack):
    name = f"{stack}-{logical_id}-{new_uuid()[:8]}"
    logging.getLogger("unknown").warning("recorded only: %s", name)
    return name, {"Arn": f"arn:aws:trial:::{name}", "Id": name}


def update(name, _old, _new, _stack):
    return name, {"Arn": f"arn:aws:trial:::{name}", "Id": name}


def delete(_name, _props):
    pass


RECORDER = {"create": create, "update": update, "delete": delete}


class Handlers(dict):
    def __contains__(self, kind):
        return super().__contains__(kind) or is_recorded(kind)

    def __getitem__(self, kind):
        return super().__getitem__(kind) if super().__contains__(kind) else RECORDER

    def get(self, kind, default=None):
        return self[kind] if kind in self else default


def install():
    provisioners._RESOURCE_HANDLERS = Handlers(provisioners._RESOURCE_HANDLERS)
