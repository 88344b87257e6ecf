"""Runs moto's own RDS tests against the trial's RDS: run.py FOLDER CONTROL_URL, prints a JSON object a line.

FOLDER holds test_rds.py and test_filters.py of moto. CONTROL_URL/REGION answers each GET with the URL of an RDS of that
region in which nothing has been made yet. A line is {"case", "outcome", "why"}: "passed", "failed" (why: the line of the test, and what was
raised), or "foreign" (why: what the case asks for that is not PostgreSQL on this RDS: another operation, service or
engine). Small stand-ins take the place of pytest, freezegun and moto itself.
"""

import contextlib
import inspect
import itertools
import json
import os
import re
import sys
import time
import traceback
import types
import urllib.request

FOLDER, CONTROL_URL = sys.argv[1:]
os.environ.update(
    AWS_ACCESS_KEY_ID="test",
    AWS_SECRET_ACCESS_KEY="test",
    AWS_CONFIG_FILE=os.devnull,
    AWS_SHARED_CREDENTIALS_FILE=os.devnull,
    AWS_EC2_METADATA_DISABLED="true",
    AWS_MAX_ATTEMPTS="1",
)

import boto3  # noqa: E402

REGION = "us-west-2"
# Nothing takes time on this RDS, but a busy machine does.
SETTLED_WITHIN_SECONDS = 10

# What moto's tests say that PostgreSQL on RDS does not take; in calls and in what is expected of them.
ADAPTED = [
    (r'"staging-postgres"', '"staging_postgres"'),  # no name of a PostgreSQL database
    (r'"hunter2"', '"hunter2-hunter2"'),  # 8 characters at least
    (r'"db\.m1\.small"', '"db.t3.small"'),  # PostgreSQL 17 is not offered on the first generation
    (r'"license-included"', '"postgresql-license"'),  # the one that PostgreSQL has
    (r"AllocatedStorage=10\b", "AllocatedStorage=20"),  # 20 GiB at least
    (r'("AllocatedStorage"\] ==) 10\b', r"\1 20"),
    (r'"(default\.)?(mysql5\.\d|postgres9\.3|postgres13)"', r'"\1postgres17"'),  # the one family there is
    (r'Engine="(mysql|mariadb)"', 'Engine="postgres"'),
    (r'"Engine"\] == "(mysql|mariadb)"', '"Engine"] == "postgres"'),
    (r"\b1234567890:", "123456789012:"),  # the account that there is
    (r'"root"', '"master"'),  # any name of a master user
    (r"client\.create_db_cluster\((?:.|\n)*?\n            \)\n", "client.describe_db_instances()\n"),  # instances alone
    (r"DBClusterIdentifier=cluster_identifier,", ""),
    (r'"aurora-\w+" if \(i % 3\) else "aurora-\w+"|"postgres" if i else "mysql"', '"postgres"'),
    (r'\["(aurora-\w+|mysql)"', '["postgres"'),
    (r"    (Domain\w*|DBSecurityGroups)=.*,\n", "\n"),  # Active Directory, and networks before VPC
]
ENGINES = re.compile("^(aurora|custom|db2|mariadb|mysql|neptune|docdb|oracle|sqlserver)")


class Foreign(BaseException):
    """Not caught by a test that expects some exception."""


def parametrized(names, cases, ids=None):
    names = [name.strip() for name in names.split(",")] if isinstance(names, str) else names

    def mark(function):
        function.cases = [
            [dict(zip(names, case if len(names) > 1 else [case])), *before]
            for case in cases
            for before in getattr(function, "cases", [[]])
        ]
        return function

    return mark


class Raised:
    value = None


@contextlib.contextmanager
def raises(expected, match=None):
    if not isinstance(expected, type):
        raise Foreign(str(expected))
    raised = Raised()
    try:
        yield raised
    except expected as error:
        assert match is None or re.search(match, str(error))
        raised.value = error
        return
    raise AssertionError(f"{expected.__name__} was not raised")


def unchanged(*_args, **_kwargs):
    """A decorator, with arguments or without, that does nothing."""
    return _args[0] if _args and callable(_args[0]) else lambda function: function


class Mock:
    """`mock_aws`, as a decorator and as an object: this RDS is there anyway."""

    def __new__(cls, function=None):
        return super().__new__(cls) if function is None else function

    def __call__(self, function):
        return function

    def start(self):
        pass

    stop = start


def module(name, **contents):
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__dict__.update(contents)


class OfMoto:
    """A class of moto itself: what it does is nothing that this RDS could do."""

    def __getattr__(self, name):
        raise Foreign(str(self))

    def __str__(self):
        return "moto's own code"


class AnyName(types.ModuleType):
    def __getattr__(self, name):
        return OfMoto()


def install_stand_ins():
    marks = types.SimpleNamespace(parametrize=parametrized, skipif=unchanged, aws_verified=unchanged)
    module("pytest", raises=raises, mark=marks, fixture=unchanged, MonkeyPatch=OfMoto())
    module("freezegun", freeze_time=lambda *_args, **_kwargs: contextlib.nullcontext())
    module("moto", mock_aws=Mock, settings=types.SimpleNamespace(TEST_SERVER_MODE=True))
    module("moto.core", DEFAULT_ACCOUNT_ID="123456789012")
    for name in ("moto.rds.exceptions", "moto.rds.models"):
        sys.modules[name] = AnyName(name)
    module("tests", aws_verified=unchanged)
    sys.modules["tests.test_rds"] = types.ModuleType("tests.test_rds")
    sys.modules["tests.test_rds"].DEFAULT_REGION = REGION
    sys.modules["tests.test_rds"].__path__ = []


class Rds:
    """The RDS of one case, in the region of the first client."""

    def __init__(self, region):
        self.region = region
        with urllib.request.urlopen(f"{CONTROL_URL}/{region}") as answer:
            known = json.loads(answer.read())
        self.url, self.operations = known["url"], set(known["operations"])
        self.watcher = CLIENT("rds", region_name=region, endpoint_url=self.url)

    def settle(self):
        """Waits until RDS is busy with nothing: moto never is."""
        end = time.monotonic() + SETTLED_WITHIN_SECONDS
        idle = {"available", "stopped", "failed", "storage-full"}
        while time.monotonic() < end:
            instances = self.watcher.describe_db_instances()["DBInstances"]
            if all(instance["DBInstanceStatus"] in idle for instance in instances):
                return
            time.sleep(0.002)
        raise TimeoutError("RDS is still busy")


CLIENT = boto3.client
current = None


def client_of(service, region_name=REGION, **_more):
    if service != "rds":
        raise Foreign(f"the service {service}")
    global current
    current = current or Rds(region_name)
    if region_name != current.region:
        raise Foreign("another region")
    client = CLIENT("rds", region_name=region_name, endpoint_url=current.url)
    make = client._make_api_call

    def call(operation, parameters):
        if operation not in current.operations:
            raise Foreign(operation)
        if ENGINES.match(str(parameters.get("Engine", ""))):
            raise Foreign(f"the engine {parameters['Engine']}")
        current.settle()
        return make(operation, completed(operation, parameters))

    client._make_api_call = call
    return client


def completed(operation, parameters):
    """With what RDS requires and moto does not."""
    if operation == "CreateDBInstance":
        needed = {"AllocatedStorage": 20, "MasterUsername": "master", "MasterUserPassword": "hunter2-hunter2"}
        return needed | parameters
    if operation == "DeleteDBInstance" and not {"SkipFinalSnapshot", "FinalDBSnapshotIdentifier"} & set(parameters):
        return parameters | {"SkipFinalSnapshot": True}
    return parameters


def load(name):
    path = os.path.join(FOLDER, name)
    with open(path) as file:
        text = file.read()
    for pattern, replacement in ADAPTED:
        text = re.sub(pattern, replacement, text)
    code = types.ModuleType(f"tests.test_rds.{name[:-3]}")
    code.__package__ = "tests.test_rds"
    exec(compile(text, path, "exec"), code.__dict__)
    return code, text.splitlines()


def cases_of(code):
    """Name, and a function that runs it, of each case; each of a class has an RDS of its own, too."""
    for name, value in list(vars(code).items()):
        if name.startswith("test_") and inspect.isfunction(value):
            yield from variants(name, value, ())
        elif inspect.isclass(value) and name.startswith("Test"):
            for method, function in list(vars(value).items()):
                if method.startswith("test_"):
                    yield from variants(f"{name}.{method}", function, (value,))


def variants(name, function, owner):
    for number, parts in enumerate(getattr(function, "cases", [[]])):
        given = dict(itertools.chain.from_iterable(part.items() for part in parts))

        def run(given=given):
            arguments = dict(given)
            if "client" in inspect.signature(function).parameters:
                arguments["client"] = client_of("rds")
            if "monkeypatch" in inspect.signature(function).parameters:
                raise Foreign("moto's own settings")
            instances = [one() for one in owner]
            for instance in instances:
                instance.setup_class()
            function(*instances, **arguments)

        yield f"{name}[{number}]" if given else name, run


def outcome_of(run, path, lines):
    global current
    current = None
    try:
        run()
        return "passed", ""
    except Foreign as foreign:
        return "foreign", str(foreign)
    except Exception as error:
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]
        line = lines[frames[-1].lineno - 1].strip() if frames else ""
        return "failed", f"{line} | {type(error).__name__}: {error}"


install_stand_ins()
boto3.client = client_of
for file in ("test_rds.py", "test_filters.py"):
    loaded, source = load(file)
    for case, start in cases_of(loaded):
        outcome, why = outcome_of(start, os.path.join(FOLDER, file), source)
        print(json.dumps({"case": case, "outcome": outcome, "why": why}), flush=True)
