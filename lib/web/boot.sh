# The boot script of every web server, at every stage. boot-script.ts puts variables in front of it, a lone
# server's further parts and a call of main behind it, and leaves out comments, as user data may have 16 KB.
# cloud-init runs it once, as root, at an instance's first start; a second run changes nothing.
#
# ROOT is empty on a server. The tests set it, and put stand-ins for the programs first on PATH.
# docs/server.md tells what stands on a server afterwards.
set -euo pipefail

ROOT=${ROOT:-}
PATH=$PATH:/opt/aws/bin
IMDS=http://169.254.169.254/latest
BASE=/opt/$NAME
REASON='it had not begun'
SERVER_ID=''
export AWS_DEFAULT_REGION=$REGION

say() {
  echo "$*"
  if command -v logger >/dev/null; then logger --tag boot -- "$*"; fi
}

step() {
  REASON=$1
  say "step: $1"
}

die() {
  REASON=$1
  exit 1
}

# The signal carries no reason (CloudFormation's SignalResource has no field for one), so the reason is
# the last line of the log and of the instance's console. cfn-signal needs no permission of the role:
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-signal.html
# When no stack waits, as for a server that heals the group, CloudFormation refuses the signal: no harm.
# Then nobody but the group is left to replace a server that does not serve, and it takes one that runs for healthy.
finish() {
  local code=$?
  rm -f "$ROOT/run/move.conf"
  if ((code == 0)); then say 'boot: the server is ready'; else say "boot failed: $REASON"; fi
  if [[ -z $SIGNAL_STACK ]]; then return 0; fi
  cfn-signal --exit-code "$code" --stack "$SIGNAL_STACK" --resource "$SIGNAL_RESOURCE" --region "$REGION" ||
    say 'boot: no stack waits for the signal'
  if ((code != 0)) && [[ -n $SERVER_ID ]]; then
    aws autoscaling set-instance-health --instance-id "$SERVER_ID" --health-status Unhealthy \
      --no-should-respect-grace-period || true
  fi
}

# retry TIMES SECONDS COMMAND...: each pause is longer than the one before.
retry() {
  local times=$1 pause=$2 try
  shift 2
  for ((try = 1; try <= times; try++)); do
    if "$@"; then return 0; fi
    say "$1: try $try of $times failed"
    if ((try < times)); then sleep $((pause * try)); fi
  done
  return 1
}

# put FILE MODE: writes its input, so that no reader ever sees half a file or a secret with a loose mode.
put() {
  local file=$ROOT$1
  mkdir -p "${file%/*}"
  (umask 077 && cat >"$file.new")
  chmod "$2" "$file.new"
  mv -f "$file.new" "$file"
}

packages() {
  retry 5 10 dnf install --assumeyes --quiet "$@" || die "dnf could not install $*"
}

metadata() {
  curl --silent --fail --retry 5 --max-time 5 --header "X-aws-ec2-metadata-token: $TOKEN" "$IMDS/meta-data/$1"
}

identify() {
  step 'ask the metadata service which server this is'
  TOKEN=$(curl --silent --fail --retry 5 --max-time 5 --request PUT \
    --header 'X-aws-ec2-metadata-token-ttl-seconds: 300' "$IMDS/api/token")
  SERVER_ID=$(metadata instance-id)
  SERVER_ZONE=$(metadata placement/availability-zone)
}

add_user() {
  step 'add the user that the site runs as'
  if ! id -u site >/dev/null 2>&1; then
    useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin site
  fi
}

fetch_trust_store() {
  step 'fetch the certificates that RDS is verified with'
  mkdir -p "$ROOT${TRUST_STORE%/*}"
  retry 5 5 curl --silent --show-error --fail --max-time 60 --proto '=https' --output "$ROOT$TRUST_STORE.new" \
    https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem || die 'the trust store of RDS could not be fetched'
  grep -q 'BEGIN CERTIFICATE' "$ROOT$TRUST_STORE.new" || die 'the trust store of RDS holds no certificate'
  chmod 644 "$ROOT$TRUST_STORE.new"
  mv -f "$ROOT$TRUST_STORE.new" "$ROOT$TRUST_STORE"
}

fetch_site() {
  step 'fetch the site'
  mkdir -p "$ROOT$BASE"
  retry 5 5 aws s3 cp --only-show-errors "$ARTIFACT" "$ROOT$BASE/site.zip" || die "the site could not be fetched from $ARTIFACT"
  rm -rf "$ROOT$BASE/site.new"
  unzip -q "$ROOT$BASE/site.zip" -d "$ROOT$BASE/site.new"
  chmod -R a+rX,go-w "$ROOT$BASE/site.new"
  rm -rf "$ROOT$BASE/site" "$ROOT$BASE/site.zip"
  mv "$ROOT$BASE/site.new" "$ROOT$BASE/site"
}

# An EnvironmentFile gives back what stands in double quotes once \ " $ and ` are escaped; % means nothing in it.
# https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#EnvironmentFile=
environment_file() {
  local entry value
  for entry in "${ENVIRONMENT[@]}" "SERVER_ID=$SERVER_ID" "SERVER_ZONE=$SERVER_ZONE"; do
    value=${entry#*=}
    value=${value//\\/\\\\}
    value=${value//\"/\\\"}
    value=${value//\$/\\\$}
    value=${value//\`/\\\`}
    printf '%s="%s"\n' "${entry%%=*}" "$value"
  done
}

start_site() {
  step 'start the site'
  environment_file | put "$BASE/environment" 600
  printf '#!/bin/sh\nexec %s\n' "$START_COMMAND" | put "$BASE/start" 755
  # No start limit: a site that cannot start while its database fails over must come back by itself.
  put /etc/systemd/system/site.service 644 <<UNIT
[Unit]
Description=The site $NAME
Wants=network-online.target
After=network-online.target postgresql.service cache.service
StartLimitIntervalSec=0

[Service]
User=site
Group=site
WorkingDirectory=$BASE/site
EnvironmentFile=$BASE/environment
ExecStart=$BASE/start
Restart=always
RestartSec=3
KillSignal=SIGTERM
TimeoutStopSec=$((DRAIN_SECONDS + 10))
LimitNOFILE=65536
UMask=0077
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
RestrictSUIDSGID=yes
RestrictRealtime=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
LockPersonality=yes

[Install]
WantedBy=multi-user.target
UNIT
  systemctl daemon-reload
  systemctl enable site.service
  systemctl restart site.service
}

await_site() {
  step 'wait until the site is healthy'
  local try
  for ((try = 1; try <= 60; try++)); do
    if [[ $(curl --silent --max-time 5 --output /dev/null --write-out '%{http_code}' \
      "http://127.0.0.1:$PORT$HEALTH_PATH") == 200 ]]; then return 0; fi
    sleep 5
  done
  die "no 200 from port $PORT$HEALTH_PATH within five minutes: see journalctl --unit site"
}

main() {
  trap finish EXIT
  cd /
  identify
  step 'install packages'
  packages "${PACKAGES[@]}"
  add_user
  fetch_site
  if [[ -n $TRUST_STORE ]]; then fetch_trust_store; fi
  if [[ -n $LONE_SERVER ]]; then prepare_lone_server; fi
  start_site
  await_site
  if [[ -n $LONE_SERVER ]]; then open_lone_server; fi
}
