"""The CloudFormation resource types that the blueprint uses and MiniStack has no handler for.

MiniStack serves the APIs of all of these, so a handler only calls the API action that CloudFormation would call.
docs/decisions/0001-emulator.md has the list and how it was found. A handler has MiniStack's own form:
create(logical id, properties, stack name) returns (physical id, attributes); update adds the old properties.
"""

import re
from xml.sax.saxutils import unescape

from ministack.services import ec2
from ministack.services.cloudformation import provisioners


def call(service, action, **parameters):
    """Calls an action of the emulator's Query API in this process and returns the answer's XML text."""
    status, _headers, body = service._ACTION_MAP[action]({key: [str(value)] for key, value in parameters.items()})
    text = body.decode() if isinstance(body, bytes) else body
    if status >= 400:
        message = re.search(r"<Message>(.*?)</Message>", text, re.S)
        raise ValueError(unescape(message.group(1)) if message else f"{action} failed with status {status}")
    return text


def value_of(tag, xml):
    return re.search(rf"<{tag}>(.*?)</{tag}>", xml).group(1)


def tag_parameters(props, kind):
    """The Tags property as the TagSpecification parameters of a create action."""
    tags = {"TagSpecification.1.ResourceType": kind}
    for index, tag in enumerate(props.get("Tags") or [], 1):
        tags[f"TagSpecification.1.Tag.{index}.Key"] = tag["Key"]
        tags[f"TagSpecification.1.Tag.{index}.Value"] = tag["Value"]
    return tags


def retag(resource_id, new_props):
    ec2._tags[resource_id] = [dict(tag) for tag in new_props.get("Tags") or []]


def address_create(_logical_id, props, _stack):
    xml = call(ec2, "AllocateAddress", Domain="vpc", **tag_parameters(props, "elastic-ip"))
    ip, allocation = value_of("publicIp", xml), value_of("allocationId", xml)
    return ip, {"AllocationId": allocation, "PublicIp": ip}


def allocation_of(ip):
    return next(key for key, address in ec2._addresses.items() if address["PublicIp"] == ip)


def address_update(ip, _old, new, _stack):
    retag(allocation_of(ip), new)
    return ip, {"AllocationId": allocation_of(ip), "PublicIp": ip}


def address_delete(ip, _props):
    call(ec2, "ReleaseAddress", AllocationId=allocation_of(ip))


def nat_create(_logical_id, props, _stack):
    given = {name: props[name] for name in ("SubnetId", "AllocationId", "ConnectivityType") if props.get(name)}
    nat = value_of("natGatewayId", call(ec2, "CreateNatGateway", **given, **tag_parameters(props, "natgateway")))
    return nat, {"NatGatewayId": nat}


def nat_update(nat, _old, new, _stack):
    retag(nat, new)
    return nat, {"NatGatewayId": nat}


def nat_delete(nat, _props):
    call(ec2, "DeleteNatGateway", NatGatewayId=nat)


def flow_log_create(_logical_id, props, _stack):
    names = ("ResourceType", "TrafficType", "LogDestinationType", "LogDestination", "LogGroupName")
    given = {name: props[name] for name in names if props.get(name)}
    given["ResourceId.1"] = props["ResourceId"]
    xml = call(ec2, "CreateFlowLogs", **given, **tag_parameters(props, "flow-log"))
    log = re.search(r"<flowLogIdSet><item>(.*?)</item>", xml).group(1)
    return log, {"Id": log}


def flow_log_update(log, _old, new, _stack):
    retag(log, new)
    return log, {"Id": log}


def flow_log_delete(log, _props):
    call(ec2, "DeleteFlowLogs", **{"FlowLogId.1": log})


VOLUME_SETTINGS = ("Size", "VolumeType", "Iops", "Throughput")


def volume_create(_logical_id, props, _stack):
    names = ("AvailabilityZone", "SnapshotId", *VOLUME_SETTINGS)
    given = {name: props[name] for name in names if props.get(name)}
    given["Encrypted"] = str(props.get("Encrypted", False)).lower()
    volume = value_of("volumeId", call(ec2, "CreateVolume", **given, **tag_parameters(props, "volume")))
    return volume, {"VolumeId": volume}


def volume_update(volume, old, new, _stack):
    changed = {name: new[name] for name in VOLUME_SETTINGS if new.get(name) and new.get(name) != old.get(name)}
    if changed:
        call(ec2, "ModifyVolume", VolumeId=volume, **changed)
    retag(volume, new)
    return volume, {"VolumeId": volume}


def volume_delete(volume, _props):
    call(ec2, "DeleteVolume", VolumeId=volume)


def rule_handlers(direction, peer_group):
    """Handlers of a security group rule that is a resource of its own; direction is Ingress or Egress."""
    places = {
        "FromPort": "FromPort",
        "ToPort": "ToPort",
        "CidrIp": "IpRanges.1.CidrIp",
        "CidrIpv6": "Ipv6Ranges.1.CidrIpv6",
        peer_group: "Groups.1.GroupId",
    }

    def create(_logical_id, props, _stack):
        given = {f"IpPermissions.1.{place}": props[name] for name, place in places.items() if name in props}
        given |= {"GroupId": props["GroupId"], "IpPermissions.1.IpProtocol": props["IpProtocol"]}
        rule = value_of("securityGroupRuleId", call(ec2, f"AuthorizeSecurityGroup{direction}", **given))
        return rule, {"Id": rule}

    def update(rule, _old, _new, _stack):
        return rule, {"Id": rule}  # only the description is left to change, and MiniStack does not keep it

    def delete(rule, props):
        call(ec2, f"RevokeSecurityGroup{direction}", GroupId=props["GroupId"], **{"SecurityGroupRuleId.1": rule})

    return handlers(create, update, delete), ("GroupId", "IpProtocol", *places)


def handlers(create, update, delete):
    return {"create": create, "update": update, "delete": delete}


# Type: handlers, and the properties whose change replaces the resource ("Update requires: Replacement" in the
# AWS CloudFormation resource reference).
ADDED = {
    "AWS::EC2::EIP": (handlers(address_create, address_update, address_delete), ("Domain", "NetworkBorderGroup")),
    "AWS::EC2::NatGateway": (
        handlers(nat_create, nat_update, nat_delete),
        ("SubnetId", "AllocationId", "ConnectivityType"),
    ),
    "AWS::EC2::FlowLog": (
        handlers(flow_log_create, flow_log_update, flow_log_delete),
        ("ResourceId", "ResourceType", "TrafficType", "LogDestination", "LogDestinationType", "LogGroupName"),
    ),
    "AWS::EC2::Volume": (
        handlers(volume_create, volume_update, volume_delete),
        ("AvailabilityZone", "Encrypted", "KmsKeyId", "SnapshotId"),
    ),
    "AWS::EC2::SecurityGroupIngress": rule_handlers("Ingress", "SourceSecurityGroupId"),
    "AWS::EC2::SecurityGroupEgress": rule_handlers("Egress", "DestinationSecurityGroupId"),
}


def install():
    for kind, (functions, replacing) in ADDED.items():
        provisioners._RESOURCE_HANDLERS[kind] = functions
        provisioners._REPLACING_PROPERTIES[kind] = replacing
