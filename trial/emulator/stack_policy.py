"""Stack policies: MiniStack keeps them and lets every update through. Here an update that one denies fails, and is
rolled back, with CloudFormation's words for it.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/protect-stack-resources.html: once a stack has a policy,
what no statement allows is denied; a denial wins over an allowance. Only updates are judged, not the stack's deletion.
"""

import json
from fnmatch import fnmatchcase

from ministack.services import cloudformation
from ministack.services.cloudformation import provisioners, stacks

OPERATORS = {"StringEquals": str.__eq__, "StringLike": fnmatchcase}


def listed(value):
    return value if isinstance(value, list) else [value]


def fits(statement, name, value):
    """Whether one of the statement's patterns fits; `NotAction` and the like turn it round."""
    negated = f"Not{name}" in statement
    patterns = listed(statement.get(f"Not{name}" if negated else name, []))
    return negated != any(fnmatchcase(value, pattern) for pattern in patterns)


def concerns(statement, action, logical_id, kind):
    conditions = statement.get("Condition") or {}
    return (
        fits(statement, "Action", action)
        and fits(statement, "Resource", f"LogicalResourceId/{logical_id}")
        and all(
            any(OPERATORS[operator](kind, pattern) for pattern in listed(wanted.get("ResourceType", [])))
            for operator, wanted in conditions.items()
        )
    )


def refusal(policy, action, logical_id, kind):
    """Why the policy does not let the resource be changed so, or None."""
    about = f"for resource [LogicalResourceId/{logical_id}]"
    statements = listed(json.loads(policy).get("Statement", []))
    concerned = [(number, one) for number, one in enumerate(statements, 1) if concerns(one, action, logical_id, kind)]
    for number, statement in concerned:
        if statement["Effect"] == "Deny":
            return f"Action denied by stack policy: Statement [#{number}] does not allow [{action}] {about}"
    if not concerned:
        return f"Action not allowed by stack policy: no statement allows [{action}] {about}"
    return None


def policy_of(stack):
    return (cloudformation._stacks.get(stack) or {}).get("_stack_policy")


def judge_changes():
    """Each resource as its turn comes: only then its new properties are known."""
    update = stacks._update_keeping_seed

    def judged(kind, physical_id, old, new, stack, logical_id, attributes):
        policy = policy_of(stack)
        if policy and old != new:
            action = "Update:Replace" if stacks._replacing_change(kind, old, new) else "Update:Modify"
            why = refusal(policy, action, logical_id, kind)
            if why:
                raise ValueError(why)
        return update(kind, physical_id, old, new, stack, logical_id, attributes)

    stacks._update_keeping_seed = judged


def judge_removals():
    """Resources that the new template has no more, before anything is changed: MiniStack removes them when it is done."""
    validate = stacks._fail_property_validation

    def judged(stack, stack_id, name, definitions, ordered, *rest, previous_stack=None):
        policy = stack.get("_stack_policy")
        before = (previous_stack or {}).get("_resources", {})
        removed = {key: one for key, one in before.items() if key not in ordered} if policy else {}
        for logical_id, resource in removed.items():
            why = refusal(policy, "Update:Delete", logical_id, resource["ResourceType"])
            if why:
                roll_back(stack, stack_id, name, previous_stack, logical_id, resource, why)
                return True
        return validate(stack, stack_id, name, definitions, ordered, *rest, previous_stack=previous_stack)

    stacks._fail_property_validation = judged


def roll_back(stack, stack_id, name, previous, logical_id, resource, why):
    """As MiniStack does when a template's properties are wrong."""

    def event(status, reason=""):
        stacks._add_event(stack_id, name, name, "AWS::CloudFormation::Stack", status, reason, stack_id)

    kind, physical_id = resource["ResourceType"], resource["PhysicalResourceId"]
    stacks._add_event(stack_id, name, logical_id, kind, "UPDATE_FAILED", why, physical_id)
    for key in ("_template", "_resolved_params", "_template_body", "Parameters", "Tags", "Outputs", "_conditions"):
        if key in previous:
            stack[key] = previous[key]
    event("UPDATE_ROLLBACK_IN_PROGRESS", f"The following resource(s) failed to update: [{logical_id}]. ")
    event("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
    event("UPDATE_ROLLBACK_COMPLETE")
    stack["StackStatus"] = "UPDATE_ROLLBACK_COMPLETE"


def install():
    judge_changes()
    judge_removals()
