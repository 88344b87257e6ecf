"""Hosted zones and records, as Route 53 and CloudFormation have them and MiniStack's CloudFormation does not.

Every zone of MiniStack is public. And it removes records and zones whatever is in them; CloudFormation asks Route 53,
which removes a record only with the values that it has, and a zone only when nothing is left in it.
"""

from ministack.services import route53
from ministack.services.cloudformation import provisioners

ZONE = "AWS::Route53::HostedZone"
RECORD = "AWS::Route53::RecordSet"
# Of the zone itself; they go with it.
OWN_TYPES = ("NS", "SOA")


def refused(message):
    return ValueError(f"[{message}]")


def install():
    zones = provisioners._RESOURCE_HANDLERS[ZONE]
    records = provisioners._RESOURCE_HANDLERS[RECORD]

    def create_zone(logical_id, props, stack):
        zone, attributes = zones["create"](logical_id, props, stack)
        vpcs = [{"VPCId": vpc["VPCId"], "VPCRegion": vpc["VPCRegion"]} for vpc in props.get("VPCs") or []]
        route53._zones[zone].update(private=bool(vpcs), vpcs=vpcs)
        return zone, attributes

    def delete_zone(zone, props):
        left = [record for record in route53._records.get(zone, []) if record["Type"] not in OWN_TYPES]
        if left:
            raise refused("The specified hosted zone contains non-required resource record sets and so cannot be deleted.")
        zones["delete"](zone, props)

    def delete_record(name, props):
        zone = provisioners._r53_resolve_hosted_zone_id(props)
        wanted = provisioners._r53_record_set_build_rs(props)
        key = route53._rs_key(wanted)
        there = next((one for one in route53._records.get(zone, []) if route53._rs_key(one) == key), None)
        # What is gone already needs not to be removed.
        if there is not None and route53._rs_values(there) != route53._rs_values(wanted):
            raise refused(
                f"Tried to delete resource record set [name='{wanted['Name']}', type='{wanted['Type']}'] "
                "but the values provided do not match the current values"
            )
        records["delete"](name, props)

    provisioners._RESOURCE_HANDLERS[ZONE] = zones | {"create": create_zone, "delete": delete_zone}
    provisioners._RESOURCE_HANDLERS[RECORD] = records | {"delete": delete_record}
