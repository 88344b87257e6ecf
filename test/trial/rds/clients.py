"""Every operation of the trial's RDS, in right and wrong calls, by boto3 and by the AWS CLI.

Called with the endpoint's URL; prints JSON: per client the operations that it called, and each call that did not come
to the expected end. The CLI runs in this process, by its own main function, as a process a call would take minutes.
"""

import contextlib
import io
import json
import os
import re
import sys
import time

URL = sys.argv[1]
os.environ.update(
    AWS_ACCESS_KEY_ID="test",
    AWS_SECRET_ACCESS_KEY="test",
    AWS_DEFAULT_REGION="us-east-1",
    AWS_ENDPOINT_URL_RDS=URL,
    AWS_MAX_ATTEMPTS="1",
    AWS_CONFIG_FILE=os.devnull,
    AWS_SHARED_CREDENTIALS_FILE=os.devnull,
    AWS_PAGER="",
    AWS_EC2_METADATA_DISABLED="true",
)

import boto3  # noqa: E402
from awscli.clidriver import create_clidriver  # noqa: E402
from botocore import xform_name  # noqa: E402
from botocore.exceptions import ClientError  # noqa: E402

CLIENT = boto3.client("rds")
CLI = create_clidriver()
# Long enough for a busy machine; nothing takes time at the time scale of the test.
WAIT_SECONDS = 5
ARN = "arn:aws:rds:us-east-1:123456789012:db:"


def by_boto3(operation, request):
    """Answer and code of a refusal; one of them is None."""
    try:
        return getattr(CLIENT, xform_name(operation))(**request), None
    except ClientError as error:
        return None, error.response["Error"]["Code"]


def by_cli(operation, request):
    output, complaint = io.StringIO(), io.StringIO()
    # Version 1 of the CLI sends RDS in us-east-1 to rds.amazonaws.com, whatever AWS_ENDPOINT_URL_RDS says
    # (awscli/customizations/overridesslcommonname.py); the option is heeded.
    arguments = ["--endpoint-url", URL, "--output", "json", "rds", xform_name(operation, "-")]
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(complaint):
        code = CLI.main([*arguments, "--cli-input-json", json.dumps(request)])
    if code == 0:
        return json.loads(output.getvalue() or "{}"), None
    found = re.search(r"An error occurred \((\w+)\)", complaint.getvalue())
    return None, found.group(1) if found else complaint.getvalue()


def scenario(name):
    """Calls and what they come to: None, or the code of the refusal; a status is waited for."""
    primary, replica, sibling, bare, restored = (
        f"{name}-{role}" for role in ("primary", "replica", "sibling", "bare", "restored")
    )
    new = {
        "DBInstanceIdentifier": primary,
        "DBInstanceClass": "db.t4g.micro",
        "Engine": "postgres",
        "AllocatedStorage": 20,
        "MasterUsername": "postgres",
        "MasterUserPassword": "correct-horse",
        "BackupRetentionPeriod": 7,
        "EnableCloudwatchLogsExports": ["postgresql", "upgrade"],
        "Tags": [{"Key": "team", "Value": "<a> & b"}],
        "VpcSecurityGroupIds": ["sg-1", "sg-2"],
    }
    this = {"DBInstanceIdentifier": primary}
    snapshot = {"DBSnapshotIdentifier": f"{name}-snapshot"}

    group = {"DBParameterGroupName": f"{name}-group"}
    described = group | {"DBParameterGroupFamily": "postgres17", "Description": "of the site"}
    parameter = {"ParameterName": "max_connections", "ParameterValue": "50", "ApplyMethod": "pending-reboot"}
    yield "CreateDBParameterGroup", described, None
    yield "CreateDBParameterGroup", described, "DBParameterGroupAlreadyExists"
    yield "ModifyDBParameterGroup", group | {"Parameters": [parameter]}, None
    immediate = parameter | {"ApplyMethod": "immediate"}
    yield "ModifyDBParameterGroup", group | {"Parameters": [immediate]}, "InvalidParameterCombination"
    yield "DescribeDBParameterGroups", group, None
    yield "DescribeDBParameters", group | {"Source": "user"}, None
    yield "ResetDBParameterGroup", group | {"ResetAllParameters": True}, None
    yield "DeleteDBParameterGroup", group, None
    yield "DeleteDBParameterGroup", group, "DBParameterGroupNotFound"

    yield "CreateDBInstance", new, None
    yield "CreateDBInstance", new, "DBInstanceAlreadyExists"
    yield "CreateDBInstance", new | {"DBInstanceIdentifier": "a--b"}, "InvalidParameterValue"
    yield "CreateDBInstance", new | {"DBInstanceIdentifier": bare, "Engine": "mysql"}, "InvalidParameterValue"
    yield "CreateDBInstance", new | {"DBInstanceIdentifier": bare, "EngineVersion": "9.1"}, "InvalidParameterCombination"
    yield "CreateDBInstance", new | {"DBInstanceIdentifier": bare, "BackupRetentionPeriod": 0}, None
    yield "wait", primary, "available"
    yield "wait", bare, "available"

    follows = {"SourceDBInstanceIdentifier": primary}
    yield "CreateDBInstanceReadReplica", {"DBInstanceIdentifier": replica} | follows, None
    yield "CreateDBInstanceReadReplica", {"DBInstanceIdentifier": sibling} | follows, None
    yield "CreateDBInstanceReadReplica", {"DBInstanceIdentifier": sibling} | follows, "DBInstanceAlreadyExists"
    for source, code in (("nobody", "DBInstanceNotFound"), (bare, "InvalidDBInstanceState")):
        request = {"DBInstanceIdentifier": f"{name}-x", "SourceDBInstanceIdentifier": source}
        yield "CreateDBInstanceReadReplica", request, code
    yield "wait", replica, "available"
    yield "wait", sibling, "available"

    yield "DescribeDBInstances", {"Filters": [{"Name": "db-instance-id", "Values": [primary, replica]}]}, None
    yield "DescribeDBInstances", {"Filters": [{"Name": "colour", "Values": ["red"]}]}, "InvalidParameterValue"
    yield "DescribeDBInstances", {"DBInstanceIdentifier": "nobody"}, "DBInstanceNotFound"
    yield "DescribeDBInstances", {"MaxRecords": 5}, "InvalidParameterValue"

    yield "ModifyDBInstance", {"DBInstanceIdentifier": "nobody"}, "DBInstanceNotFound"
    yield "ModifyDBInstance", this | {"NewDBInstanceIdentifier": replica}, "DBInstanceAlreadyExists"
    yield "ModifyDBInstance", this | {"AllocatedStorage": 10}, "InvalidParameterCombination"
    yield "ModifyDBInstance", this | {"BackupRetentionPeriod": 36}, "InvalidParameterValue"
    yield "ModifyDBInstance", this | {"DeletionProtection": True, "VpcSecurityGroupIds": ["sg-3"]}, None
    yield "DeleteDBInstance", this | {"SkipFinalSnapshot": True}, "InvalidParameterCombination"
    yield "StopDBInstance", this, "InvalidDBInstanceState"
    yield "StartDBInstance", this, "InvalidDBInstanceState"
    yield "RebootDBInstance", this | {"ForceFailover": True}, "InvalidParameterCombination"
    yield "RebootDBInstance", this, None
    yield "wait", primary, "available"

    yield "CreateDBSnapshot", this | snapshot, None
    yield "wait", primary, "available"
    yield "CreateDBSnapshot", this | snapshot, "DBSnapshotAlreadyExists"
    yield "CreateDBSnapshot", {"DBInstanceIdentifier": "nobody", "DBSnapshotIdentifier": "s"}, "DBInstanceNotFound"
    yield "DescribeDBSnapshots", this | {"SnapshotType": "manual"}, None
    yield "DescribeDBSnapshots", {"DBSnapshotIdentifier": "nothing"}, "DBSnapshotNotFound"
    yield "DeleteDBSnapshot", snapshot, None
    yield "DeleteDBSnapshot", snapshot, "DBSnapshotNotFound"

    resource = {"ResourceName": ARN + primary}
    yield "AddTagsToResource", resource | {"Tags": [{"Key": "stage", "Value": "test"}]}, None
    yield "RemoveTagsFromResource", resource | {"TagKeys": ["team"]}, None
    yield "ListTagsForResource", resource, None
    yield "ListTagsForResource", {"ResourceName": ARN + "nobody"}, "DBInstanceNotFound"
    yield "ListTagsForResource", {"ResourceName": "nobody"}, "InvalidParameterValue"

    yield "DescribeEvents", {"SourceType": "db-instance", "SourceIdentifier": primary}, None
    yield "DescribeEvents", {"SourceIdentifier": primary}, "InvalidParameterCombination"

    yield "PromoteReadReplica", this, "InvalidDBInstanceState"
    yield "PromoteReadReplica", {"DBInstanceIdentifier": replica, "BackupRetentionPeriod": 3}, None
    yield "wait", replica, "available"
    target = {"TargetDBInstanceIdentifier": restored, "SourceDBInstanceIdentifier": primary}
    yield "RestoreDBInstanceToPointInTime", target, "InvalidParameterCombination"
    yield (
        "RestoreDBInstanceToPointInTime",
        target | {"SourceDBInstanceIdentifier": bare, "UseLatestRestorableTime": True},
        "PointInTimeRestoreNotEnabled",
    )
    yield "RestoreDBInstanceToPointInTime", target | {"RestoreTime": "2001-01-01T00:00:00Z"}, "InvalidParameterValue"
    yield "RestoreDBInstanceToPointInTime", target | {"UseLatestRestorableTime": True}, None
    yield "wait", restored, "available"

    yield "StopDBInstance", {"DBInstanceIdentifier": replica}, None
    yield "wait", replica, "stopped"
    yield "StartDBInstance", {"DBInstanceIdentifier": replica}, None
    yield "wait", replica, "available"

    yield "ModifyDBInstance", this | {"DeletionProtection": False}, None
    yield "DeleteDBInstance", this, "InvalidParameterCombination"
    yield "DescribeDBLogFiles", this, "InvalidAction"
    for instance in (sibling, primary, replica, bare, restored):
        yield "DeleteDBInstance", {"DBInstanceIdentifier": instance, "SkipFinalSnapshot": True}, None


def wait(name, status):
    """The state in which the instance was last."""
    end = time.monotonic() + WAIT_SECONDS
    while True:
        answer, refusal = by_boto3("DescribeDBInstances", {"DBInstanceIdentifier": name})
        seen = refusal or answer["DBInstances"][0]["DBInstanceStatus"]
        if seen == status or time.monotonic() > end:
            return seen
        time.sleep(0.01)


def check(name, call):
    operations, mismatches, answers = set(), [], {}
    for operation, request, expected in scenario(name):
        if operation == "wait":
            seen = wait(request, expected)
        else:
            answer, seen = call(operation, request)
            if answer is not None:
                operations.add(operation)
                answers[operation] = answer
        if seen != expected:
            mismatches.append(f"{operation} {request}: {seen}, not {expected}")
    tags = answers.get("ListTagsForResource", {}).get("TagList")
    described = answers.get("DescribeDBInstances", {}).get("DBInstances", [])
    names = [instance["DBInstanceIdentifier"] for instance in described]
    return {"operations": sorted(operations), "mismatches": mismatches, "tags": tags, "described": names}


print(json.dumps({"boto3": check("boto", by_boto3), "cli": check("cli", by_cli)}))
