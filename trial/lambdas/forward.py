"""Functions run in the trial's own runner (start.ts), not in MiniStack's worker processes.

MiniStack goes on keeping functions, rules, schedules, event patterns and custom resources; whatever would run a
function asks the runner instead, by the Invoke API. The environment says where it is and how fast time goes:

  TRIAL_LAMBDAS_URL  http://127.0.0.1:PORT
  TRIAL_TIME_SCALE   what the interval of a rate(...) schedule is multiplied by; cron(...) keeps to the clock

With a scale below 1 a schedule comes round while the run that it started before is still under way, again and again:
nobody makes a function that works for most of a minute any faster. Those rounds are left out when the function runs as
often at once as it may; without that they would be throttled, wait in Lambda's queue, and end as dead letters. So the
next run begins within a round after the end of the last.
"""

import contextvars
import json
import os
import threading
import time
import urllib.error
import urllib.request
from datetime import datetime

from ministack.core.responses import get_account_id, get_region, json_response, new_uuid
from ministack.services import eventbridge, lambda_svc
from ministack.services.cloudformation import provisioners

# How long the runner may need beyond a function's own time limit, to start a process and to end it.
MARGIN_SECONDS = 30
# A schedule is never faster: a process that starts for each run would take the whole machine.
SHORTEST_INTERVAL_SECONDS = 1
# How late a schedule may be. MiniStack looks every 10 s.
TICK_SECONDS = 0.25

# Whether what is being started is a round of a schedule that the scale makes shorter.
HURRIED_ROUND = contextvars.ContextVar("HURRIED_ROUND", default=False)


def url_of(name):
    return f"{os.environ['TRIAL_LAMBDAS_URL']}/2015-03-31/functions/{name}/invocations"


def time_scale():
    return float(os.environ.get("TRIAL_TIME_SCALE") or 1)


def post(config, payload, kind, **more):
    """One call of the Invoke API: (status, whether the function failed, answer)."""
    request = urllib.request.Request(
        url_of(config["FunctionName"]),
        data=json.dumps(payload).encode(),
        headers={"Content-Type": "application/json", "X-Amz-Invocation-Type": kind} | more,
        method="POST",
    )
    try:
        with urllib.request.urlopen(request, timeout=int(config.get("Timeout", 3)) + MARGIN_SECONDS) as answer:
            return answer.status, answer.headers.get("X-Amz-Function-Error"), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, None, error.read()
    except OSError as error:
        message = f"The trial's runner of functions does not answer: {error}"
        return 500, None, json.dumps({"Message": message}).encode()


def hurried(event):
    """A custom resource that waits for the world's caches, in the trial's time (lambda/succession)."""
    if event.get("ResourceType") != "Custom::MovedName":
        return event
    properties = event["ResourceProperties"]
    return event | {"ResourceProperties": properties | {"Seconds": str(float(properties["Seconds"]) * time_scale())}}


def execute(func, event):
    """Takes the place of MiniStack's executor; the answer has its form."""
    # CloudFormation runs the function of a custom resource asynchronously, and waits for its PUT.
    kind = "RequestResponse"
    if isinstance(event, dict) and "ResponseURL" in event:
        kind, event = "Event", hurried(event)
    status, failed, answer = post(func.get("config") or func, event, kind)
    body = json.loads(answer) if answer else None
    if status == 429:
        return {"throttle": True, "error": True, "body": body, "log": ""}
    return {"body": body, "error": bool(failed) or status >= 400, "function_error": failed, "log": ""}


def execute_later(func, event):
    """Takes the place of MiniStack's asynchronous invocation: retries and dead letters are the runner's."""
    config = func.get("config") or func
    more = {"X-Trial-Unless-Busy": "1"} if HURRIED_ROUND.get() else {}
    threading.Thread(target=post, args=(config, event, "Event"), kwargs=more, daemon=True).start()


def dispatch_to_lambda(arn, payload):
    func, config, name = lambda_svc._get_func_record_for_ref(arn)
    if config:
        execute_later(config, json.loads(payload))
    else:
        eventbridge.logger.warning("EventBridge: the function %s of a rule is not there", name)


def publish(event):
    """An event of AWS's own, in the form in which targets get it. PutEvents takes none of those."""
    moment = datetime.fromisoformat(event["time"].replace("Z", "+00:00")) if "time" in event else None
    record = {
        "EventId": event.get("id") or new_uuid(),
        "Source": event["source"],
        "DetailType": event["detail-type"],
        "Detail": json.dumps(event.get("detail", {})),
        "EventBusName": "default",
        "Time": int(moment.timestamp() if moment else time.time()),
        "Resources": event.get("resources", []),
        "Account": get_account_id(),
        "Region": get_region(),
    }
    eventbridge._dispatch_event(record, eventbridge._pattern_event_view(record))


def keep_what_the_template_says(name, props):
    """MiniStack's CloudFormation leaves these properties of a function out."""
    record = lambda_svc._functions[name]
    reserved = props.get("ReservedConcurrentExecutions")
    record["concurrency"] = None if reserved is None else int(reserved)
    for key in ("DeadLetterConfig", "VpcConfig"):
        record["config"].pop(key, None)
        if key in props:
            record["config"][key] = props[key]


def install():
    lambda_svc._execute_function = execute
    lambda_svc.invoke_async_with_retry = execute_later
    eventbridge._dispatch_to_lambda = dispatch_to_lambda

    put_events = eventbridge._put_events

    def put_events_or_publish(data, **options):
        # No SDK sends this parameter: it is the runner's own (start.ts, deliver).
        if "TrialEvents" not in data:
            return put_events(data, **options)
        for event in data["TrialEvents"]:
            publish(event)
        return json_response({})

    eventbridge._put_events = put_events_or_publish

    rate_seconds = eventbridge._parse_rate_seconds
    scale = time_scale()

    def scaled_rate_seconds(expression):
        seconds = rate_seconds(expression)
        return seconds and max(seconds * scale, SHORTEST_INTERVAL_SECONDS)

    eventbridge._parse_rate_seconds = scaled_rate_seconds

    invoke_target = eventbridge._invoke_target

    def invoke_target_of_round(target, event, rule, *rest):
        is_hurried = scale < 1 and bool(rate_seconds(rule.get("ScheduleExpression", "")))
        token = HURRIED_ROUND.set(is_hurried)
        try:
            return invoke_target(target, event, rule, *rest)
        finally:
            HURRIED_ROUND.reset(token)

    eventbridge._invoke_target = invoke_target_of_round
    eventbridge._SCHEDULER_TICK_INTERVAL = TICK_SECONDS

    stock = provisioners._RESOURCE_HANDLERS["AWS::Lambda::Function"]

    def create(logical_id, props, *rest):
        name, attributes = stock["create"](logical_id, props, *rest)
        keep_what_the_template_says(name, props)
        return name, attributes

    def update(name, old, new, *rest):
        name, attributes = stock["update"](name, old, new, *rest)
        keep_what_the_template_says(name, new)
        return name, attributes

    provisioners._RESOURCE_HANDLERS["AWS::Lambda::Function"] = stock | {"create": create, "update": update}
