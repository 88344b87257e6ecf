"""Auto Scaling groups whose servers exist.

MiniStack gives a group instance ids that EC2 does not know, and registers no targets. Here a group launches its
instances from its launch template, into its own subnets, and registers them with its target groups, so that the
path of a request can be followed to its end. An instance of an older template version is replaced at once: what
CloudFormation's instance refresh reaches in the end. And a terminated instance takes its root volume with it, as EC2's
`DeleteOnTermination` says.
"""

import ipaddress

from ministack.services import alb, autoscaling, ec2
from ministack.services.cloudformation import provisioners

from resources import call, value_of


def template_of(group):
    """The launch template's data and the version number that the group asks for."""
    wanted = group["LaunchTemplate"]
    template = ec2._launch_templates[wanted["LaunchTemplateId"]]
    aliases = {"$Latest": template["LatestVersionNumber"], "$Default": template["DefaultVersionNumber"]}
    number = int(aliases.get(wanted["Version"], wanted["Version"]))
    version = next(v for v in template["Versions"] if v["VersionNumber"] == number)
    return version["LaunchTemplateData"], str(number)


def subnets_of(group):
    return [subnet for subnet in group["VPCZoneIdentifier"].split(",") if subnet]


def free_address(subnet_id):
    """A private address of the subnet that no instance has; AWS keeps the first four of each subnet."""
    taken = {i["PrivateIpAddress"] for i in ec2._instances.values() if i["State"]["Name"] != "terminated"}
    hosts = ipaddress.ip_network(ec2._subnets[subnet_id]["CidrBlock"])
    return next(str(host) for host in hosts if int(host) - int(hosts[0]) > 3 and str(host) not in taken)


def launch(group, data, version, subnet_id):
    interface = next(iter(data.get("NetworkInterfaces") or []), {})
    security_groups = interface.get("Groups") or data.get("SecurityGroupIds") or []
    tags = [tag for tag in group["Tags"] if tag["PropagateAtLaunch"]]
    tags.append({"Key": "aws:autoscaling:groupName", "Value": group["AutoScalingGroupName"]})
    parameters = {"InstanceType": data["InstanceType"], "SubnetId": subnet_id, "UserData": data.get("UserData", "")}
    parameters["PrivateIpAddress"] = free_address(subnet_id)
    parameters["TagSpecification.1.ResourceType"] = "instance"
    for index, security_group in enumerate(security_groups, 1):
        parameters[f"SecurityGroupId.{index}"] = security_group
    for index, tag in enumerate(tags, 1):
        parameters[f"TagSpecification.1.Tag.{index}.Key"] = tag["Key"]
        parameters[f"TagSpecification.1.Tag.{index}.Value"] = tag["Value"]
    instance_id = value_of("instanceId", call(ec2, "RunInstances", **parameters))

    # RunInstances of MiniStack puts everything into the first zone and gives everything a public address.
    instance, subnet = ec2._instances[instance_id], ec2._subnets[subnet_id]
    zone = instance["Placement"]["AvailabilityZone"] = subnet["AvailabilityZone"]
    public = interface.get("AssociatePublicIpAddress", subnet.get("MapPublicIpOnLaunch"))
    if str(public).lower() != "true":
        instance["PublicIpAddress"] = instance["PublicDnsName"] = ""
    return {
        "InstanceId": instance_id,
        "LifecycleState": "InService",
        "HealthStatus": "Healthy",
        "AvailabilityZone": zone,
        "ProtectedFromScaleIn": group["NewInstancesProtectedFromScaleIn"],
        "LaunchTemplate": {**group["LaunchTemplate"], "Version": version},
        "LaunchConfigurationName": "",
    }


def is_current(member, group, version):
    instance = ec2._instances.get(member["InstanceId"])
    return (
        instance is not None
        and instance["State"]["Name"] == "running"
        and instance["SubnetId"] in subnets_of(group)
        and member["LaunchTemplate"]["Version"] == version
    )


def settle(group):
    """Makes the group's instances and its target groups what the group says they are."""
    data, version = template_of(group)
    before = [member["InstanceId"] for member in group["Instances"]]
    members = [member for member in group["Instances"] if is_current(member, group, version)]
    members = members[: group["DesiredCapacity"]]
    subnets = subnets_of(group)
    while len(members) < group["DesiredCapacity"]:
        # As Auto Scaling does, into the zone that has the fewest; subnets are one a zone.
        zones = [member["AvailabilityZone"] for member in members]
        subnet = min(subnets, key=lambda one: zones.count(ec2._subnets[one]["AvailabilityZone"]))
        members.append(launch(group, data, version, subnet))
    group["Instances"][:] = members
    present = [member["InstanceId"] for member in members]
    retire([instance for instance in before if instance not in present])
    for arn in group.get("TargetGroupARNs", []):
        targets = {f"Targets.member.{index}.Id": instance for index, instance in enumerate(present, 1)}
        call(alb, "RegisterTargets", TargetGroupArn=arn, **targets)


def retire(instances):
    for arn in list(alb._targets):
        alb._targets[arn] = [target for target in alb._targets[arn] if target["Id"] not in instances]
    for instance in instances:
        if instance in ec2._instances:
            call(ec2, "TerminateInstances", **{"InstanceId.1": instance})


def terminate_with_volumes(terminate):
    def terminate_instances(parameters):
        instances = ec2._parse_member_list(parameters, "InstanceId")
        gone = [
            volume["VolumeId"]
            for volume in list(ec2._volumes.values())
            for attachment in volume["Attachments"]
            if attachment["InstanceId"] in instances and attachment["DeleteOnTermination"]
        ]
        answer = terminate(parameters)
        if answer[0] < 400:
            for volume in gone:
                ec2._volumes.pop(volume, None)
        return answer

    return terminate_instances


def install():
    autoscaling._reconcile_instances = settle
    ec2._ACTION_MAP["TerminateInstances"] = terminate_with_volumes(ec2._ACTION_MAP["TerminateInstances"])
    stock = provisioners._RESOURCE_HANDLERS["AWS::AutoScaling::AutoScalingGroup"]

    def settled(name, attributes, props):
        group = autoscaling._asgs[name]
        group["TargetGroupARNs"] = list(props.get("TargetGroupARNs") or [])
        zones = [ec2._subnets[subnet]["AvailabilityZone"] for subnet in subnets_of(group)]
        group["AvailabilityZones"] = sorted(set(zones))
        settle(group)
        return name, attributes

    def create(logical_id, props, stack):
        return settled(*stock["create"](logical_id, props, stack), props)

    def update(name, old, new, stack, logical_id):
        return settled(*stock["update"](name, old, new, stack, logical_id), new)

    def delete(name, props):
        group = autoscaling._asgs.get(name)
        retire([member["InstanceId"] for member in group["Instances"]] if group else [])
        stock["delete"](name, props)

    provisioners._RESOURCE_HANDLERS["AWS::AutoScaling::AutoScalingGroup"] = {
        "create": create,
        "update": update,
        "update_with_logical_id": True,
        "delete": delete,
    }
