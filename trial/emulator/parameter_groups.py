"""Parameter groups of templates are the trial's RDS's own, where it serves real databases: its servers get their values.

Values are brought as CloudFormation's own handler does: those that left the template are reset, those that are others
are modified, at most 20 in a call, dynamic ones at once and static ones at the next reboot
(aws-cloudformation-resource-providers-rds, aws-rds-dbparametergroup, BaseHandlerStd and Translator).
"""

import real_databases
from ministack.services.cloudformation import provisioners, stacks
from real_databases import Refused, call

TYPE = "AWS::RDS::DBParameterGroup"
AT_MOST = 20


def name_of(logical_id, props, stack):
    return props.get("DBParameterGroupName") or provisioners._physical_name(
        stack, logical_id, lowercase=True, max_len=255
    )


def attributes_of(name):
    group = call("DescribeDBParameterGroups", DBParameterGroupName=name).find(".//DBParameterGroup")
    return {"DBParameterGroupName": name, "DBParameterGroupArn": group.findtext("DBParameterGroupArn")}


def parameters_of(name, **more):
    """Elements of all pages."""
    marker = {}
    while True:
        answer = call("DescribeDBParameters", DBParameterGroupName=name, **more, **marker)
        yield from answer.findall(".//Parameters/Parameter")
        if not answer.findtext(".//Marker"):
            return
        marker = {"Marker": answer.findtext(".//Marker")}


def bring(name, props):
    wanted = provisioners._rds_parameter_values(props)
    is_dynamic = {
        one.findtext("ParameterName"): one.findtext("ApplyType") == "dynamic" for one in parameters_of(name)
    }
    unknown = sorted(set(wanted) - set(is_dynamic))
    if unknown:
        raise ValueError(f"Invalid / Unmodifiable / Unsupported DB Parameter: {unknown[0]}")
    now = {
        one.findtext("ParameterName"): one.findtext("ParameterValue") for one in parameters_of(name, Source="user")
    }
    in_calls("ResetDBParameterGroup", name, {key: None for key in now if key not in wanted}, is_dynamic)
    in_calls("ModifyDBParameterGroup", name, {key: wanted[key] for key in wanted if wanted[key] != now.get(key)}, is_dynamic)


def in_calls(action, name, values, is_dynamic):
    all_of_them = sorted(values.items())
    for start in range(0, len(all_of_them), AT_MOST):
        parameters = {}
        for index, (key, value) in enumerate(all_of_them[start : start + AT_MOST], 1):
            prefix = f"Parameters.Parameter.{index}"
            parameters[f"{prefix}.ParameterName"] = key
            parameters[f"{prefix}.ApplyMethod"] = "immediate" if is_dynamic[key] else "pending-reboot"
            if value is not None:
                parameters[f"{prefix}.ParameterValue"] = value
        call(action, DBParameterGroupName=name, **parameters)


def own_tags(props):
    """Without CloudFormation's own, which nobody else may give (aws:…)."""
    return {key: value for key, value in provisioners._tag_map(props.get("Tags")).items() if not key.startswith("aws:")}


def tag(arn, old, new):
    before, after = own_tags(old), own_tags(new)
    gone = {f"TagKeys.member.{index}": key for index, key in enumerate(sorted(before.keys() - after.keys()), 1)}
    if gone:
        call("RemoveTagsFromResource", ResourceName=arn, **gone)
    added = {}
    for index, key in enumerate(sorted(key for key in after if before.get(key) != after[key]), 1):
        added |= {f"Tags.Tag.{index}.Key": key, f"Tags.Tag.{index}.Value": after[key]}
    if added:
        call("AddTagsToResource", ResourceName=arn, **added)


def create(logical_id, props, stack):
    name = name_of(logical_id, props, stack)
    try:
        call(
            "CreateDBParameterGroup",
            DBParameterGroupName=name,
            DBParameterGroupFamily=props.get("Family", ""),
            Description=props.get("Description", ""),
        )
        is_new = True
    except Refused as refused:
        # From an earlier run of the trial, as its databases are; one that a template names itself is a duplicate.
        is_new = False
        if refused.code != "DBParameterGroupAlreadyExists" or "DBParameterGroupName" in props:
            raise
    try:
        bring(name, props)
        attributes = attributes_of(name)
        tag(attributes["DBParameterGroupArn"], {}, props)
    except ValueError:
        if is_new:
            delete(name, props)  # the rollback knows nothing of it, as it has no physical id yet
        raise
    return name, attributes


def update(name, old, new, _stack):
    bring(name, new)
    attributes = attributes_of(name)
    tag(attributes["DBParameterGroupArn"], old, new)
    return name, attributes


def delete(name, _props):
    try:
        call("DeleteDBParameterGroup", DBParameterGroupName=name)
    except Refused as refused:
        if refused.code != "DBParameterGroupNotFound":
            raise


def install():
    if not real_databases.URL:
        return
    blocking = stacks._runs_on_worker_thread
    stacks._runs_on_worker_thread = lambda kind: kind == TYPE or blocking(kind)
    provisioners._RESOURCE_HANDLERS[TYPE] = {"create": create, "update": update, "delete": delete}
