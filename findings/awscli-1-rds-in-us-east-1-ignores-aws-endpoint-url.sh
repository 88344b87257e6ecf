#!/usr/bin/env bash
# Where: awscli 1.46.0 (PyPI), commands `rds`, `docdb`, `neptune`; a peer of an emulator such as LocalStack or moto.
# Guess: with AWS_ENDPOINT_URL set, every command of the AWS CLI goes to that address, in every region.
# Seen:  in us-east-1 these three ignore the variable and ask for the public endpoint; in any other region, and with
#        `--endpoint-url`, they follow it. `ec2` and others follow it everywhere. So a script that is tried on an emulator
#        in the default region of most examples sends its RDS calls, deletions included, to the real AWS.
# How:   a local HTTP server plays the emulator and notes what comes; a local proxy, which lets nothing through, notes what
#        was to leave the machine.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
server=
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check awscli==1.46.0

cat > listen.py <<'PYTHON'
import http.server, threading, sys

def notes(kind):
    class Handler(http.server.BaseHTTPRequestHandler):
        def note(self):
            with open("seen", "a") as seen:
                seen.write(f"{kind} {self.path if kind == 'public' else 'emulator'}\n")
            self.send_error(403)
        do_GET = do_POST = do_CONNECT = note
        def log_message(self, *_): pass
    return http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)

emulator, proxy = notes("local"), notes("public")
threading.Thread(target=proxy.serve_forever, daemon=True).start()
with open("ports", "w") as ports: ports.write(f"{emulator.server_port} {proxy.server_port}\n")
emulator.serve_forever()
PYTHON
python3 listen.py &
server=$!
for _ in $(seq 100); do [ -s ports ] && break; sleep 0.1; done
read -r emulator proxy < ports

export HOME="$folder" AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_MAX_ATTEMPTS=1 AWS_EC2_METADATA_DISABLED=true
export AWS_ENDPOINT_URL="http://127.0.0.1:$emulator" HTTPS_PROXY="http://127.0.0.1:$proxy" NO_PROXY=127.0.0.1

# expect WHERE REGION COMMAND…: where the request went
expect() {
  local where=$1 region=$2
  shift 2
  : > seen
  AWS_DEFAULT_REGION="$region" venv/bin/aws "$@" > /dev/null 2>&1 || true
  local went
  went=$(cut -d' ' -f1 seen | sort -u | tr '\n' ' ')
  printf '%-10s %-45s -> %s\n' "$region" "aws $*" "$(sort -u seen | tr '\n' ' ')" | sed "s/$emulator/PORT/"
  [ "$went" = "$where " ] || { echo "changed: expected $where, got '$went'"; exit 1; }
}

venv/bin/aws --version 2>&1 | cut -d' ' -f1
expect public us-east-1 rds describe-db-instances
expect public us-east-1 docdb describe-db-instances
expect public us-east-1 neptune describe-db-instances
expect local us-west-2 rds describe-db-instances
expect local us-east-1 ec2 describe-vpcs
expect local us-east-1 rds describe-db-instances --endpoint-url "$AWS_ENDPOINT_URL"
