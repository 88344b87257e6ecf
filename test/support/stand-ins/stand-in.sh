#!/bin/bash
# Plays every program that a server has and a test must not run: the name it is called by tells which.
# Each call is a line in $STATE/calls; what a program would change is a file in $STATE or under $ROOT.
# The tests steer it by files in $STATE/say: what a program answers; and $STATE/fail: how often it fails.
name=${0##*/}
all=" $* "
# One write a call: both ends of a pipe are written down at the same time.
printf '%s\n' "$name ${*//$'\n'/ }" >>"$STATE/calls"

says() { if [[ -e $STATE/say/$1 ]]; then cat "$STATE/say/$1"; else echo "$2"; fi; }

# fails KEY: true as many times as $STATE/fail/KEY says.
fails() {
  local left=0
  if [[ -e $STATE/fail/$1 ]]; then left=$(<"$STATE/fail/$1"); fi
  if ((left == 0)); then return 1; fi
  echo $((left - 1)) >"$STATE/fail/$1"
}

# value OPTION ARGUMENTS...: what stands behind the option.
value() {
  local option=$1
  shift
  while (($# > 1)); do
    if [[ $1 == "$option" ]]; then echo "$2"; fi
    shift
  done
}

disk=$ROOT/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0123456789abcdef0

if fails "$name"; then exit 1; fi
case $name in
  curl)
    case $all in
      *api/token*) echo token-of-the-test ;;
      *meta-data/instance-id*) echo i-0123456789abcdef0 ;;
      *availability-zone*) echo eu-central-1a ;;
      *truststore*) says ca '-----BEGIN CERTIFICATE-----' >"$(value --output "$@")" ;;
      *--connect-to*) ;;
      *127.0.0.1:*) printf '%s' "$(says health 200)" ;;
      *) exit 6 ;;
    esac
    ;;
  aws)
    case "$1 $2" in
      's3 cp')
        if [[ ${!#} == */boot.sh ]]; then
          if fails script; then exit 1; fi
          cp "$STATE/say/script" "${!#}"
        else
          if fails artifact; then exit 1; fi
          : >"${!#}"
        fi
        ;;
      'ec2 describe-volumes')
        if [[ -e $STATE/attached ]]; then
          mkdir -p "${disk%/*}"
          says content '' | tr -d '\n' >"$disk"
          head -c 4096 /dev/zero >>"$disk"
          printf 'in-use\ti-0123456789abcdef0\n'
        elif fails held; then
          printf 'in-use\ti-0fedcba9876543210\n'
        else
          printf 'available\tNone\n'
        fi
        ;;
      'ec2 attach-volume') : >"$STATE/attached" ;;
      'ec2 associate-address') if fails address; then exit 1; fi ;;
      'cloudwatch put-metric-data') ;;
      'autoscaling set-instance-health') if fails group; then exit 1; fi ;;
      'secretsmanager get-secret-value') echo '{"username":"app_writer","password":"p=a#s$s \"word","port":5432}' ;;
      *) exit 252 ;;
    esac
    ;;
  unzip) mkdir -p "${!#}" && : >"${!#}/main.js" ;;
  id) [[ -e $STATE/user ]] ;;
  useradd) : >"$STATE/user" ;;
  blkid)
    if [[ $all == *' UUID '* ]]; then
      echo 0f0f0f0f-0000-4000-8000-000000000000
    elif [[ -e $STATE/say/blkid ]]; then
      cat "$STATE/say/blkid"
    elif [[ -e $STATE/formatted ]]; then
      echo xfs
    fi
    [[ ! -e $STATE/say/blkid-code ]] || exit "$(<"$STATE/say/blkid-code")"
    [[ -e $STATE/formatted ]] || exit 2
    ;;
  mkfs.xfs) : >"$STATE/formatted" ;;
  mount) : >"$STATE/mounted" ;;
  mountpoint) [[ -e $STATE/mounted ]] ;;
  runuser)
    shift 3
    exec "$@"
    ;;
  initdb) echo 17 >"$(value --pgdata "$@")/PG_VERSION" ;;
  psql)
    side=old
    if [[ $all == *service=target* ]]; then
      side=target
      cp "$PGSERVICEFILE" "$STATE/service-file"
    fi
    if [[ $all == *--command* ]]; then exit 0; fi
    input=$(cat)
    if [[ $input == *gexec* && $side == old ]]; then
      if [[ $input == *count* ]]; then echo 'do $c$ begin assert true; end $c$;'; fi
    elif [[ $input == *pg_tables* ]]; then
      says "tables-$side" ''
    else
      echo "$input" >"$STATE/input-$side"
      if fails copy; then exit 3; fi
    fi
    ;;
  pg_dump)
    echo 'create table public.notes ();'
    if fails dump; then exit 1; fi
    ;;
  dig) says cname mysite-primary.abc.eu-central-1.rds.amazonaws.com. ;;
  cfn-signal | chown | dnf | logger | nginx | sleep | systemctl | xfs_growfs) ;;
  *) exit 127 ;;
esac
