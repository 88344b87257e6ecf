"""The way back of a deployment that failed, where MiniStack's is kinder than CloudFormation's.

- A new stack whose way back fails is in ROLLBACK_FAILED, and still has what could not be deleted and what that needs, so
  that DeleteStack tries them again (guide, "Stack status codes": ROLLBACK_FAILED, "Delete the stack"). MiniStack goes on
  with what they need, and forgets them.
- What has failed after it was made is taken back with the rest (guide, "Stack failure options": "Roll back all stack
  resources"). MiniStack takes it for not made, or not changed.
- A custom resource that answers FAILED to Create is asked to Delete, with the physical ID that it gave (aws/aws-cdk#5525).
  MiniStack asks nothing more.
- An empty list of resources to skip, which the CDK CLI sends, is empty. MiniStack takes it for one without a name.
"""

import contextvars

from ministack.core.concurrency import run_reentrant
from ministack.services import cloudformation
from ministack.services.cloudformation import custom_resource, handlers, stacks

STACK = "AWS::CloudFormation::Stack"

# What was made, or changed, before it failed, by stack: logical ID and record.
made = {}
changed = set()
IS_CHANGED = contextvars.ContextVar("IS_CHANGED", default=False)
# The physical IDs of custom resources that answered last, by stack ID and logical ID.
answered = {}


def also_made(stack, logical_id, kind, physical_id, props, attributes):
    made[stack] = logical_id, {
        "PhysicalResourceId": physical_id,
        "ResourceType": kind,
        "ResourceStatus": "CREATE_FAILED",
        "LogicalResourceId": logical_id,
        "Properties": props,
        "Attributes": attributes,
        "Timestamp": stacks.now_iso(),
    }


def changed_before_it_failed(stack, logical_id):
    changed.add((stack, logical_id))


def is_custom(kind):
    return kind.startswith("Custom::") or kind == "AWS::CloudFormation::CustomResource"


def keep_what_was_answered():
    deliver = custom_resource.deliver_response

    def noticed(token, response):
        if response.get("Status") == "FAILED":
            key = response.get("StackId"), response.get("LogicalResourceId")
            answered[key] = response.get("PhysicalResourceId")
        return deliver(token, response)

    custom_resource.deliver_response = noticed

    provision = stacks._provision_keeping_seed

    def create(kind, logical_id, props, stack):
        try:
            return provision(kind, logical_id, props, stack)
        except Exception:
            physical_id = answered.pop((cloudformation._stacks[stack]["StackId"], logical_id), None)
            if is_custom(kind) and physical_id:
                also_made(stack, logical_id, kind, physical_id, props, {})
            raise

    stacks._provision_keeping_seed = create


async def take_back_creation(name, stack_id, stack, operation, reason):
    """Deletes what the operation has made, what needs others first; what cannot be deleted stays in the stack."""

    def event(logical_id, kind, status, why="", physical_id=""):
        stacks._add_event(stack_id, name, logical_id, kind, status, why, physical_id)

    resources, template = stack["_resources"], operation["template"]
    definitions, values = template["Resources"], operation["param_values"]
    conditions = stacks._evaluate_conditions(template, values)
    stack["StackStatus"] = "ROLLBACK_IN_PROGRESS"
    event(name, STACK, "ROLLBACK_IN_PROGRESS", reason, stack_id)
    failed, kept = [], set()
    for logical_id in reversed(operation["created"]):
        if logical_id in kept:
            continue
        resource = resources[logical_id]
        kind, physical_id, props = resource["ResourceType"], resource["PhysicalResourceId"], resource["Properties"]
        policy = stacks._resource_policy(
            definitions[logical_id], "DeletionPolicy", resources, values, conditions,
            template.get("Mappings", {}), name, stack_id,
        )  # fmt: skip
        if policy == "Retain" and not operation["retain_except_on_create"]:
            event(logical_id, kind, "DELETE_SKIPPED", physical_id=physical_id)
            del resources[logical_id]
            continue
        event(logical_id, kind, "DELETE_IN_PROGRESS", physical_id=physical_id)
        try:
            arguments = kind, physical_id, props, name, logical_id
            if stacks._runs_on_worker_thread(kind):
                await run_reentrant(stacks._delete_resource, *arguments)
            else:
                stacks._delete_resource(*arguments)
        except Exception as error:
            event(logical_id, kind, "DELETE_FAILED", str(error), physical_id)
            resource.update(ResourceStatus="DELETE_FAILED", ResourceStatusReason=str(error))
            failed.append(logical_id)
            kept |= stacks._with_dependencies([logical_id], definitions, set(resources))
            continue
        event(logical_id, kind, "DELETE_COMPLETE", physical_id=physical_id)
        del resources[logical_id]
    status = "ROLLBACK_FAILED" if failed else "ROLLBACK_COMPLETE"
    why = f"The following resource(s) failed to delete: [{', '.join(sorted(failed))}]. " if failed else ""
    stack.update(StackStatus=status, StackStatusReason=why, _template=template, _conditions=conditions)
    event(name, STACK, status, why, stack_id)


def skip_nothing_without_a_name():
    go_on = handlers._ACTION_HANDLERS["ContinueUpdateRollback"]

    def go_on_with(params):
        return go_on({name: value for name, value in params.items() if name != "ResourcesToSkip" or any(value)})

    handlers._ACTION_HANDLERS["ContinueUpdateRollback"] = go_on_with


def install():
    keep_what_was_answered()
    skip_nothing_without_a_name()
    take_back, sends_back = stacks._roll_back_operation, stacks._sends_back_failed_update

    async def roll_back(name, stack_id, stack, operation, reason_override=""):
        failed = operation["failed_logical_id"]
        logical_id, record = made.pop(name, (None, None))
        if logical_id:
            stack.setdefault("_resources", {})[logical_id] = record
            operation["created"].append(logical_id)
        if operation["is_update"]:
            IS_CHANGED.set((name, failed) in changed)
            changed.discard((name, failed))
            await take_back(name, stack_id, stack, operation, reason_override)
        else:
            reason = f"The following resource(s) failed to create: [{failed}]. " if failed else ""
            reason = reason_override or f"{reason}Rollback requested by user."
            await take_back_creation(name, stack_id, stack, operation, reason)

    stacks._roll_back_operation = handlers._roll_back_operation = roll_back
    stacks._sends_back_failed_update = lambda kind: IS_CHANGED.get() or sends_back(kind)
