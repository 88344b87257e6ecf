"""Resources that fail: whoever deploys says which, and the emulator's CloudFormation takes it from there.

TRIAL_RESOURCE_FAULTS  JSON file, read whenever a resource's turn comes: a list of faults; absent: nothing fails.
A fault (trial/emulator/resource-faults.ts has the same in TypeScript):

- `resource` its logical ID, `type`, `stack`: all that are given must fit
- `when`     `create`, `update` (a replacement as well), `roll-back` (the way back of an update) or `delete`
- `late`     only when all of it has been done: a server that was started and does not come up
- `seconds`  how long that is waited for, while the world goes on
- `reason`   for the stack's events

CloudFormation works on many resources at the same time. Here one comes after the other, and what is to fail comes as late
as it can: whatever does not need it is done by then, which leaves the most to be taken back.
"""

import json
import os
import time

from ministack.services.cloudformation import stacks

import rollback

FILE = os.environ.get("TRIAL_RESOURCE_FAULTS")


def faults():
    try:
        with open(FILE) as file:
            return json.load(file)
    except FileNotFoundError:
        return []


def fits(fault, stack, logical_id, kind):
    facts = {"stack": stack, "resource": logical_id, "type": kind}
    return all(fault.get(key, fact) == fact for key, fact in facts.items())


def fault_of(when, stack, logical_id, kind):
    return next((one for one in faults() if one["when"] == when and fits(one, stack, logical_id, kind)), None)


def fail(fault):
    time.sleep(fault.get("seconds", 0))
    raise ValueError(fault["reason"])


def waiting_beside_the_world():
    blocking = stacks._runs_on_worker_thread

    def runs_on_worker_thread(kind):
        return blocking(kind) or any("seconds" in one and one.get("type", kind) == kind for one in faults())

    stacks._runs_on_worker_thread = runs_on_worker_thread


def failing_last():
    sort = stacks._topological_sort

    def order(definitions, conditions):
        ordered, last = sort(definitions, conditions), set()
        all_of_them = [one for one in faults() if one["when"] in ("create", "update")]
        for logical_id in ordered:
            resource = definitions[logical_id]
            failing = any(fits(one, one.get("stack"), logical_id, resource.get("Type")) for one in all_of_them)
            if failing or stacks._extract_deps(resource, last):
                last.add(logical_id)
        return [one for one in ordered if one not in last] + [one for one in ordered if one in last]

    stacks._topological_sort = order


def failing_creations():
    provision = stacks._provision_keeping_seed

    def create(kind, logical_id, props, stack):
        fault = fault_of("create", stack, logical_id, kind)
        if fault and not fault.get("late"):
            raise ValueError(fault["reason"])
        made = provision(kind, logical_id, props, stack)
        if fault:
            (physical_id, attributes), _seed = made
            rollback.also_made(stack, logical_id, kind, physical_id, props, attributes)
            fail(fault)
        return made

    stacks._provision_keeping_seed = create


def failing_updates():
    update_one = stacks._update_keeping_seed

    def update(kind, physical_id, old, new, stack, logical_id, attributes):
        fault = fault_of("update", stack, logical_id, kind) if old != new else None
        is_late = fault and fault.get("late") and not stacks._replacing_change(kind, old, new)
        if fault and not is_late:
            raise ValueError(fault["reason"])
        result = update_one(kind, physical_id, old, new, stack, logical_id, attributes)
        if fault:
            rollback.changed_before_it_failed(stack, logical_id)
            fail(fault)
        return result

    stacks._update_keeping_seed = update


def failing_ways_back():
    revert_one = stacks._revert_update

    async def revert(stack_id, stack, logical_id, kind, physical_id, *rest):
        fault = fault_of("roll-back", stack, logical_id, kind)
        if fault:
            stacks._add_event(stack_id, stack, logical_id, kind, "UPDATE_FAILED", fault["reason"], physical_id)
            raise ValueError(fault["reason"])
        await revert_one(stack_id, stack, logical_id, kind, physical_id, *rest)

    stacks._revert_update = revert


def failing_deletions():
    delete_one = stacks._delete_resource

    def delete(kind, physical_id, props, stack=None, logical_id=None):
        fault = fault_of("delete", stack, logical_id, kind)
        if fault:
            raise ValueError(fault["reason"])
        delete_one(kind, physical_id, props, stack, logical_id)

    stacks._delete_resource = delete


def install():
    if not FILE:
        return
    waiting_beside_the_world()
    failing_last()
    failing_creations()
    failing_updates()
    failing_ways_back()
    failing_deletions()
