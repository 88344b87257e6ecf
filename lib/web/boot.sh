# The boot script of every web server, at every stage: user data (user-data.sh) fetches it, and calls boot.
# boot-script.ts puts a lone server's further parts behind it, and leaves out comments, so that changing one replaces no server.
# docs/server.md tells what stands on a server afterwards.

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
  # A whole line of the shell, such as "cd dist && NODE_ENV=production node site.js"; its last program takes the shell's place.
  printf "#!/bin/sh\nexec /bin/sh -c '%s'\n" "${START_COMMAND//\'/\'\\\'\'}" | put "$BASE/start" 755
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

boot() {
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
