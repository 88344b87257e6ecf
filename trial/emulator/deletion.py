"""Stacks that are deleted: when a resource does not go, MiniStack goes on with what that needs. CloudFormation keeps
what a resource depends on for as long as it is there, so that a resource which refuses protects all behind it: the
databases, when their names cannot be given back.
"""

import contextvars

from ministack.services import cloudformation
from ministack.services.cloudformation import handlers, stacks

# What has been held back in the deletion under way, by logical ID.
HELD_BACK = contextvars.ContextVar("HELD_BACK", default=None)


def install():
    delete_stack, delete_resource = stacks._delete_stack_async, stacks._delete_resource

    async def delete(name, stack_id, retain_resources=(), force=False):
        # A forced deletion retains what fails, and what that needs, by itself.
        held_back = None if force else {}
        HELD_BACK.set(held_back)
        await delete_stack(name, stack_id, retain_resources, force)
        if held_back:
            cloudformation._stacks[name]["_resources"].update(held_back)

    def delete_one(kind, physical_id, props, stack, logical_id):
        try:
            return delete_resource(kind, physical_id, props, stack, logical_id)
        except Exception:
            held_back = HELD_BACK.get()
            if held_back is not None:
                record = cloudformation._stacks[stack]
                resources, definitions = record["_resources"], record["_template"]["Resources"]
                for needed in stacks._with_dependencies([logical_id], definitions, set(resources)) - {logical_id}:
                    if needed in resources:
                        held_back[needed] = resources.pop(needed)
            raise

    stacks._delete_stack_async = handlers._delete_stack_async = delete
    stacks._delete_resource = delete_one
