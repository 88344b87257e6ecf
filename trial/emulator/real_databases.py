"""Databases that are real: RDS is served by the trial itself, at the URL in TRIAL_RDS_URL.

Calls of the API that the trial's RDS knows go there, so that the emulator's one endpoint serves everything; templates
make their instances there too. MiniStack keeps a record beside each, as its Secrets Manager looks into those.
Subnet groups stay MiniStack's.
"""

import os
import re
import time
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ElementTree

from ministack.core.concurrency import run_offloop
from ministack.services import rds
from ministack.services.cloudformation import provisioners, stacks

import kept
from databases import source_of

URL = os.environ.get("TRIAL_RDS_URL")
TYPE = "AWS::RDS::DBInstance"
VERSION = "2014-10-31"
POLL_SECONDS = 0.1

# What the trial's RDS answers; all else about RDS is MiniStack's (subnet groups, engine versions).
OWNED = re.compile(
    r"^(Create|Delete|Describe|Modify|Promote|Reboot|Restore|Start|Stop)"
    r"(DBInstances?|DBInstanceReadReplica|ReadReplica|DBInstanceToPointInTime|DBSnapshots?)$"
    r"|^(Create|Delete|Describe|Modify|Reset)DBParameter(s|Groups?)$"
    r"|^DescribeEvents$"
)
# Tags are also of subnet groups, which are MiniStack's.
TAGS = ("AddTagsToResource", "ListTagsForResource", "RemoveTagsFromResource")

# Lists and their members' names in the Query protocol (service description, rds 2014-10-31).
MEMBERS = {
    "VPCSecurityGroups": ("VpcSecurityGroupIds", "VpcSecurityGroupId"),
    "EnableCloudwatchLogsExports": ("EnableCloudwatchLogsExports", "member"),
    "Tags": ("Tags", "Tag"),
}
CREATE = (
    "AllocatedStorage AutoMinorVersionUpgrade AvailabilityZone BackupRetentionPeriod CACertificateIdentifier "
    "CopyTagsToSnapshot DBInstanceClass DBInstanceIdentifier DBName DBParameterGroupName DBSubnetGroupName "
    "DatabaseInsightsMode DeletionProtection EnableCloudwatchLogsExports EnablePerformanceInsights Engine EngineVersion "
    "Iops KmsKeyId LicenseModel MasterUserPassword MasterUsername MaxAllocatedStorage MonitoringInterval "
    "MonitoringRoleArn MultiAZ PerformanceInsightsKMSKeyId PerformanceInsightsRetentionPeriod Port PreferredBackupWindow "
    "PreferredMaintenanceWindow PubliclyAccessible StorageEncrypted StorageThroughput StorageType Tags VPCSecurityGroups"
).split()
# What CreateDBInstanceReadReplica does not take, or RDS refuses there: CloudFormation's own handler leaves it out
# (aws-cloudformation-resource-providers-rds, Translator.createDbInstanceReadReplicaRequest).
NOT_OF_REPLICAS = {
    "BackupRetentionPeriod",
    "CACertificateIdentifier",
    "DBName",
    "DBParameterGroupName",
    "Engine",
    "EngineVersion",
    "LicenseModel",
    "MasterUserPassword",
    "MasterUsername",
    "MaxAllocatedStorage",
    "PreferredBackupWindow",
    "PreferredMaintenanceWindow",
    "StorageEncrypted",
}
MODIFY = (
    "AllocatedStorage AutoMinorVersionUpgrade BackupRetentionPeriod CACertificateIdentifier CopyTagsToSnapshot "
    "DBInstanceClass DBParameterGroupName DeletionProtection MasterUserPassword MaxAllocatedStorage MultiAZ "
    "PreferredBackupWindow PreferredMaintenanceWindow PubliclyAccessible StorageType VPCSecurityGroups"
).split()


# And what it sets when the replica is there (Translator.modifyDbInstanceAfterCreateRequest).
AFTER_CREATION = (
    "BackupRetentionPeriod CACertificateIdentifier DBParameterGroupName DatabaseInsightsMode DeletionProtection "
    "EnablePerformanceInsights MaxAllocatedStorage MonitoringInterval MonitoringRoleArn PerformanceInsightsKMSKeyId "
    "PerformanceInsightsRetentionPeriod PreferredBackupWindow PreferredMaintenanceWindow"
).split()
WINDOWS = ("PreferredBackupWindow", "PreferredMaintenanceWindow")
# What an instance does not come back from by waiting (DBInstanceStatus there).
TERMINAL = re.compile(r"^(failed|(modify|upgrade)-failed|in(compatible|accessible-encryption)-.*|insufficient-capacity)$")


class Refused(ValueError):
    """An error that the trial's RDS answered: its code, and the sentence."""

    def __init__(self, code, message):
        super().__init__(f"{code}: {message}")
        self.code = code


def text_of(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


def flat(props, names):
    """Properties of a template as parameters of the Query protocol."""
    parameters = {}
    for name in names:
        value = props.get(name)
        if value is None or value == "":
            continue
        if name not in MEMBERS:
            parameters[name] = text_of(value)
            continue
        list_name, member = MEMBERS[name]
        for index, item in enumerate(value, 1):
            prefix = f"{list_name}.{member}.{index}"
            if isinstance(item, dict):
                parameters |= {f"{prefix}.{key}": text_of(part) for key, part in item.items()}
            else:
                parameters[prefix] = text_of(item)
    return parameters


def post(body, headers):
    """Status, headers and body of the answer, whatever the status."""
    request = urllib.request.Request(URL, data=body, headers=headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=600) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read()


def call(action, **parameters):
    """One call of the API; the parsed answer, without namespaces."""
    body = urllib.parse.urlencode({"Action": action, "Version": VERSION} | parameters).encode()
    # CloudFormation alone may set tags of its own, `aws:cloudformation:…`.
    headers = {"content-type": "application/x-www-form-urlencoded", "user-agent": "cloudformation.amazonaws.com"}
    status, _, answer = post(body, headers)
    document = ElementTree.fromstring(re.sub(rb' xmlns="[^"]*"', b"", answer))
    if status >= 400:
        raise Refused(document.findtext(".//Code"), document.findtext(".//Message"))
    return document


def found(name):
    """The instance's element, or None."""
    try:
        return call("DescribeDBInstances", DBInstanceIdentifier=name).find(".//DBInstance")
    except Refused as refused:
        if refused.code == "DBInstanceNotFound":
            return None
        raise


def settled(name):
    """Waits until the instance is available. A failed one is an error, as in CloudFormation."""
    while True:
        instance = found(name)
        status = None if instance is None else instance.findtext("DBInstanceStatus")
        if status is None or TERMINAL.match(status):
            raise ValueError(f"DBInstance {name} is {status or 'gone'}")
        if status == "available" and not list(instance.find("PendingModifiedValues") or []):
            return instance
        time.sleep(POLL_SECONDS)


def rebooted_if_pending(name):
    """An update of an instance whose parameter group waits for a reboot reboots it, whatever else the update is about:
    CloudFormation's handler does (aws-cloudformation-resource-providers-rds, UpdateHandler.shouldReboot)."""
    instance = settled(name)
    if instance.findtext(".//ParameterApplyStatus") != "pending-reboot":
        return instance
    call("RebootDBInstance", DBInstanceIdentifier=name)
    return settled(name)


def attributes_of(instance):
    return {
        "Endpoint.Address": instance.findtext("Endpoint/Address"),
        "Endpoint.Port": instance.findtext("Endpoint/Port"),
        "DbiResourceId": instance.findtext("DbiResourceId"),
        "DBInstanceArn": instance.findtext("DBInstanceArn"),
    }


def mirror(name, attributes):
    record = rds._instances[name]
    record["Endpoint"] |= {"Address": attributes["Endpoint.Address"], "Port": int(attributes["Endpoint.Port"])}
    record["DbiResourceId"] = attributes["DbiResourceId"]


def install():
    if not URL:
        return
    serve_calls()

    blocking = stacks._runs_on_worker_thread
    stacks._runs_on_worker_thread = lambda kind: kind == TYPE or blocking(kind)

    stock = provisioners._RESOURCE_HANDLERS[TYPE]

    def create(logical_id, props, stack):
        name = props["DBInstanceIdentifier"]
        source = source_of(props)
        if found(name) is not None:
            # From an earlier run of the trial: its data stay, and it takes on what the template says now and did not
            # say then; what the failover controller has changed since is its own business, as in any deployment.
            start_if_stopped(name)
            before = kept.remembered(name) or {}
            named = [n for n in MODIFY if n in props and props[n] != before.get(n)]
            named.append("DBSubnetGroupName")  # the group is another one, made by this run, of the same name
            change(name, flat(props, [n for n in named if not source or n not in NOT_OF_REPLICAS]))
            settled(name)
            afterwards = WINDOWS
        elif source is None:
            afterwards = ()
            call("CreateDBInstance", **flat(props, CREATE))
        else:
            names = [n for n in CREATE if n not in NOT_OF_REPLICAS]
            call("CreateDBInstanceReadReplica", **flat(props, [*names, "SourceDBInstanceIdentifier"]))
            afterwards = AFTER_CREATION
        stock["create"](logical_id, props, stack)
        attributes = attributes_of(settled(name))
        if source is not None:
            change(name, flat(props, afterwards))
            settled(name)
        mirror(name, attributes)
        kept.remember(name, props)
        return name, attributes

    def update(name, old, new, stack, logical_id):
        result = stock["update"](name, old, new, stack, logical_id)
        changed = {key: new[key] for key in MODIFY if key in new and new[key] != old.get(key)}
        if changed:
            change(name, flat(changed, MODIFY))
        attributes = attributes_of(rebooted_if_pending(name))
        mirror(name, attributes)
        kept.remember(name, new)
        return result[0], attributes

    def delete(name, props):
        # What a stack removes is gone for good, but for a last snapshot where the template asks for one.
        try:
            call("DeleteDBInstance", DBInstanceIdentifier=name, SkipFinalSnapshot="true")
        except Refused as refused:
            # Gone, or going: the failover controller has deleted the replica as its own. CloudFormation's handler waits
            # for it (BaseHandlerStd, ignoreDBInstanceBeingDeletedConditionalErrorStatus).
            if refused.code != "DBInstanceNotFound" and "is already being deleted" not in str(refused):
                raise
        while found(name) is not None:
            time.sleep(POLL_SECONDS)
        kept.forget("instances", name)
        stock["delete"](name, props)

    def snapshot(name, props):
        if found(name) is None:
            return  # it has another name by now, or is gone: there is nothing to be deleted
        identifier = provisioners._snapshot_id(name)
        call("CreateDBSnapshot", DBInstanceIdentifier=name, DBSnapshotIdentifier=identifier)
        settled(name)

    provisioners._RESOURCE_HANDLERS[TYPE] = stock | {
        "create": create,
        "update": update,
        "delete": delete,
        "snapshot": snapshot,
    }


def start_if_stopped(name):
    if found(name).findtext("DBInstanceStatus") == "stopped":
        call("StartDBInstance", DBInstanceIdentifier=name)
    settled(name)


def change(name, parameters):
    call("ModifyDBInstance", DBInstanceIdentifier=name, ApplyImmediately="true", **parameters)


def serve_calls():
    own = rds.handle_request

    async def handle_request(method, path, headers, body, query_params):
        raw = body.encode() if isinstance(body, str) else body or b""
        parameters = urllib.parse.parse_qs(raw.decode(errors="replace"))
        action = (parameters.get("Action") or [""])[0]
        named = (parameters.get("ResourceName") or [""])[0]
        if not OWNED.match(action) and not (action in TAGS and re.search(":(db|snapshot|pg):", named)):
            return await own(method, path, headers, body, query_params)
        kept = {name: value for name, value in headers.items() if name.lower() in ("content-type", "user-agent")}
        status, answered, answer = await run_offloop(post, raw, kept)
        return status, {"Content-Type": answered.get("Content-Type", "text/xml")}, answer

    rds.handle_request = handle_request
