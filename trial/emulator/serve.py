"""Starts MiniStack with what the blueprint needs beyond it: serve.py PORT, on the loopback interface.

The server ends when standard input ends, so it cannot outlive whoever started it, even if that was killed with -9.
"""

import os
import sys
import threading

PORT = sys.argv[1]
sys.argv = sys.argv[:1]  # MiniStack reads the arguments too, and its settings from the environment
os.environ.update(GATEWAY_PORT=PORT, EDGE_PORT=PORT, BIND_HOST="127.0.0.1", IOT_MTLS_ENABLED="0", SFTP_ENABLED="0")

import alarms  # noqa: E402
import databases  # noqa: E402
import deletion  # noqa: E402
import kept  # noqa: E402
import parameter_groups  # noqa: E402
import patience  # noqa: E402
import real_databases  # noqa: E402
import resource_faults  # noqa: E402
import resources  # noqa: E402
import rollback  # noqa: E402
import servers  # noqa: E402
import stack_policy  # noqa: E402
import unknown  # noqa: E402
import zones  # noqa: E402
from ministack.app import main  # noqa: E402


def end_with_the_starter():
    sys.stdin.buffer.read()
    if kept.FILE:
        kept.flush()
    os._exit(0)


additions = [
    resources, servers, databases, real_databases, parameter_groups, zones, alarms, stack_policy, deletion, rollback,
    patience, resource_faults, kept, unknown,
]  # fmt: skip
if "TRIAL_LAMBDAS_URL" in os.environ:
    sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lambdas"))
    import forward

    additions.append(forward)
for addition in additions:
    addition.install()
threading.Thread(target=end_with_the_starter, daemon=True).start()
main()
