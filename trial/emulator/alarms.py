"""Alarms on metric math: MiniStack refuses the template. Here such an alarm is written down and never evaluated."""

from ministack.services.cloudformation import provisioners

from unknown import RECORDER

KIND = "AWS::CloudWatch::Alarm"


def install():
    stock = provisioners._RESOURCE_HANDLERS[KIND]

    def handler_of(props):
        return RECORDER if "Metrics" in props else stock

    def create(logical_id, props, stack):
        return handler_of(props)["create"](logical_id, props, stack)

    def update(name, old, new, stack, logical_id):
        if handler_of(old) is stock and handler_of(new) is stock:
            return stock["update"](name, old, new, stack, logical_id)
        delete(name, old)
        return create(logical_id, new, stack)

    def delete(name, props):
        handler_of(props)["delete"](name, props)

    provisioners._RESOURCE_HANDLERS[KIND] = stock | {"create": create, "update": update, "delete": delete}
