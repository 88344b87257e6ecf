"""Read replicas made by a template: MiniStack's CloudFormation makes them plain instances.

A replica takes from its source what its template does not say, as RDS does (CreateDBInstanceReadReplica in the API
reference), and each of the two names the other.
"""

from ministack.services import rds
from ministack.services.cloudformation import provisioners

INHERITED = (
    "AllocatedStorage",
    "DBName",
    "DBSubnetGroupName",
    "Engine",
    "EngineVersion",
    "KmsKeyId",
    "MasterUsername",
    "Port",
    "StorageEncrypted",
)


def values_of(source):
    """A record's values under the names that the template would use."""
    values = {name: source[name] for name in INHERITED if name in source}
    return values | {
        "DBSubnetGroupName": source["DBSubnetGroup"]["DBSubnetGroupName"],
        "MasterUserPassword": source["_MasterUserPassword"],
        "Port": source["Endpoint"]["Port"],
        "BackupRetentionPeriod": 0,
    }


def source_of(props):
    """The record of the replica's source, which a template names by identifier or by ARN; None for a primary."""
    named = props.get("SourceDBInstanceIdentifier")
    if not named:
        return None
    source = rds._instances.get(named.rsplit(":", 1)[-1])
    if source is None:
        raise ValueError(f"DBInstance {named} not found.")
    if source["BackupRetentionPeriod"] == 0:
        raise ValueError(f"Automated backups are not enabled for {named}, so it can have no read replica.")
    return source


def install():
    stock = provisioners._RESOURCE_HANDLERS["AWS::RDS::DBInstance"]

    def create(logical_id, props, stack):
        source = source_of(props)
        if source is None:
            return stock["create"](logical_id, props, stack)
        name, attributes = stock["create"](logical_id, values_of(source) | props, stack)
        rds._instances[name]["ReadReplicaSourceDBInstanceIdentifier"] = source["DBInstanceIdentifier"]
        source["ReadReplicaDBInstanceIdentifiers"].append(name)
        return name, attributes

    def update(name, old, new, stack, logical_id):
        source = source_of(new)
        inherited = values_of(source) if source else {}
        return stock["update"](name, inherited | old, inherited | new, stack, logical_id)

    def delete(name, props):
        for instance in rds._instances.values():
            if name in instance["ReadReplicaDBInstanceIdentifiers"]:
                instance["ReadReplicaDBInstanceIdentifiers"].remove(name)
        stock["delete"](name, props)

    provisioners._RESOURCE_HANDLERS["AWS::RDS::DBInstance"] = stock | {
        "create": create,
        "update": update,
        "delete": delete,
    }
