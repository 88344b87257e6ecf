"""The CDK CLI, when it asks how one stack is while that is being changed, gets the answer when it is over, or after some
seconds.

It pauses five seconds between two questions (stabilizeStack in the CLI), so that a stack which takes two counts as five;
of five stacks that is half of the deployment. Nobody else is held: the site's functions ask once, and wait no longer than
AWS would let them.
"""

import asyncio
from urllib.parse import parse_qs

from ministack.services import cloudformation
from ministack.services.cloudformation import handlers

# In the User-Agent (defaultCliUserAgent in the CLI).
CLI = "aws-cdk/"
# Below what the CLI waits for an answer.
LONGEST_SECONDS = 4
LOOK_SECONDS = 0.05


def asked_for(body):
    """The name or ID of the one stack that a question is about, or None."""
    if b"Action=DescribeStacks&" not in body + b"&":
        return None
    return parse_qs(body.decode()).get("StackName", [None])[0]


def is_changing(name):
    stack = handlers._resolve_stack(name)
    status = stack["StackStatus"] if stack else ""
    # A stack in review has a change set, and nobody works at it.
    return status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS"


def install():
    answer = cloudformation.handle_request

    async def handle_request(method, path, headers, body, query_params):
        name = asked_for(body) if CLI in headers.get("user-agent", "") else None
        left = LONGEST_SECONDS
        while name and left > 0 and is_changing(name):
            await asyncio.sleep(LOOK_SECONDS)
            left -= LOOK_SECONDS
        return await answer(method, path, headers, body, query_params)

    cloudformation.handle_request = handle_request
