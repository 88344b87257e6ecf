# What every web server, at every stage, is given as user data: it fetches the boot script and runs it, and tells whoever
# waits what became of it. user-data.ts puts variables in front of it, and leaves out comments.
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

# The boot script is longer than user data may be, so it comes from S3; nothing runs but what was deployed.
fetch_script() {
  step 'fetch the boot script'
  local script=$ROOT$BASE/boot.sh
  mkdir -p "$ROOT$BASE"
  retry 5 5 aws s3 cp --only-show-errors "$SCRIPT" "$script" || die "the boot script could not be fetched from $SCRIPT"
  sha256sum --check --status <<<"$SCRIPT_SHA256  $script" || die "$SCRIPT is not the boot script that was deployed"
  source "$script"
}

main() {
  trap finish EXIT
  cd /
  identify
  fetch_script
  boot
}
