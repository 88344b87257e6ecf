"""Private hosted zones: MiniStack's CloudFormation makes every zone public."""

from ministack.services import route53
from ministack.services.cloudformation import provisioners

KIND = "AWS::Route53::HostedZone"


def install():
    stock = provisioners._RESOURCE_HANDLERS[KIND]

    def create(logical_id, props, stack):
        zone, attributes = stock["create"](logical_id, props, stack)
        vpcs = [{"VPCId": vpc["VPCId"], "VPCRegion": vpc["VPCRegion"]} for vpc in props.get("VPCs") or []]
        route53._zones[zone].update(private=bool(vpcs), vpcs=vpcs)
        return zone, attributes

    provisioners._RESOURCE_HANDLERS[KIND] = stock | {"create": create}
