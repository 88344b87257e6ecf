# What the one server of the first two stages does beyond the steps of boot.sh: the data volume, the cache,
# the fixed address, the reverse proxy. With boot-local-database.sh or boot-move.sh.
DATA=/data
CLUSTER=$DATA/postgresql/17
MOVED=$DATA/postgresql/moved
ACME=$DATA/letsencrypt
WEBROOT=/var/lib/acme-webroot
# Where the database of this server listens; an explicit host, as in the move's service file, comes first.
export PGHOST=/run/postgresql

# The former server may still be shutting down with the volume in its hands: wait for it, never force it.
attach_volume() {
  step "attach the data volume $VOLUME_ID"
  local try state=''
  # EBS volumes show by their serial number: https://docs.aws.amazon.com/ebs/latest/userguide/identify-nvme-ebs-device.html
  DISK=$ROOT/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${VOLUME_ID//-/}
  for ((try = 1; try <= 120; try++)); do
    if [[ -e $DISK ]]; then return 0; fi
    state=$(aws ec2 describe-volumes --volume-ids "$VOLUME_ID" \
      --query 'Volumes[0].[State,Attachments[0].InstanceId]' --output text) || state='unknown'
    if [[ $state == available* ]]; then
      aws ec2 attach-volume --volume-id "$VOLUME_ID" --instance-id "$SERVER_ID" --device "$DEVICE" \
        --query State --output text || say 'the volume could not be attached yet'
    fi
    sleep 5
  done
  die "the data volume $VOLUME_ID did not come within ten minutes; its state: $state"
}

# A file system is made only on a volume that is proven blank. blkid's exit code 2 says "nothing found"
# but also "could not look", so the first MiB must be readable and zero, as a new EBS volume is.
format_volume() {
  local kind='' code=0 bytes
  kind=$(blkid --probe --match-tag TYPE --output value "$DISK") || code=$?
  if ((code == 0)) && [[ $kind == xfs ]]; then return 0; fi
  ((code == 2)) || die "blkid cannot tell what is on $VOLUME_ID (exit code $code, '$kind'): it is left alone"
  bytes=$(head -c 1048576 "$DISK" | LC_ALL=C tr -d '\0' | wc -c) || die "$VOLUME_ID cannot be read: it is left alone"
  ((bytes == 0)) || die "$VOLUME_ID has no file system but is not blank: it is left alone"
  step 'make a file system on the new data volume'
  mkfs.xfs -q -L data "$DISK"
}

mount_volume() {
  step 'mount the data volume'
  local uuid
  format_volume
  uuid=$(blkid --probe --match-tag UUID --output value "$DISK")
  [[ -n $uuid ]] || die "the file system on $VOLUME_ID has no UUID"
  mkdir -p "$ROOT$DATA"
  if ! grep -qs "^UUID=$uuid " "$ROOT/etc/fstab"; then
    echo "UUID=$uuid $DATA xfs defaults,noatime,nofail 0 2" >>"$ROOT/etc/fstab"
  fi
  systemctl daemon-reload
  mountpoint -q "$ROOT$DATA" || mount "$ROOT$DATA"
  mountpoint -q "$ROOT$DATA" || die 'the data volume is not mounted'
  # Does nothing unless the volume has grown.
  xfs_growfs "$ROOT$DATA" >/dev/null
}

# The package's unit takes its data directory from PGDATA.
place_postgres() {
  put /etc/systemd/system/postgresql.service.d/data.conf 644 <<UNIT
[Unit]
RequiresMountsFor=$DATA

[Service]
Environment=PGDATA=$CLUSTER
UNIT
  systemctl daemon-reload
}

as_postgres() {
  runuser -u postgres -- "$@"
}

start_cache() {
  step 'start the cache'
  local kilobytes
  kilobytes=$(awk '/^MemTotal:/ { print int($2 / 10) }' "$ROOT/proc/meminfo")
  put /etc/systemd/system/cache.service 644 <<UNIT
[Unit]
Description=Valkey, a cache of a tenth of the memory that keeps nothing on disk

[Service]
DynamicUser=yes
ExecStart=/usr/bin/valkey-server --bind 127.0.0.1 --port 6379 --save "" --appendonly no --maxmemory ${kilobytes}kb --maxmemory-policy allkeys-lru
Restart=always
RestartSec=3

[Install]
WantedBy=multi-user.target
UNIT
  systemctl daemon-reload
  systemctl enable cache.service
  systemctl restart cache.service
}

claim_address() {
  step "claim the fixed address $ALLOCATION_ID"
  retry 6 5 aws ec2 associate-address --allocation-id "$ALLOCATION_ID" --instance-id "$SERVER_ID" \
    --allow-reassociation --query AssociationId --output text || die "the address $ALLOCATION_ID could not be claimed"
}

# Until the first certificate is there (DNS may not be delegated yet) the site is served over HTTP.
# From then on HTTP only redirects; the certificate stays on the data volume when the server is replaced.
start_proxy() {
  step 'start the reverse proxy'
  local site=http.conf
  put /etc/nginx/nginx.conf 644 <<'CONF'
user nginx;
worker_processes auto;
pid /run/nginx.pid;
error_log syslog:server=unix:/dev/log;
events {
  worker_connections 1024;
}
http {
  access_log off;
  server_tokens off;
  client_max_body_size 0;
  map $http_upgrade $connection_upgrade {
    default upgrade;
    '' '';
  }
  include site.conf;
}
CONF
  put /etc/nginx/proxy.conf 644 <<CONF
location / {
  proxy_pass http://127.0.0.1:$PORT;
  proxy_http_version 1.1;
  proxy_set_header Host \$host;
  proxy_set_header X-Forwarded-For \$remote_addr;
  proxy_set_header X-Forwarded-Proto \$scheme;
  proxy_set_header X-Forwarded-Port \$server_port;
  proxy_set_header Upgrade \$http_upgrade;
  proxy_set_header Connection \$connection_upgrade;
}
CONF
  server_on_80 'include proxy.conf;' | put /etc/nginx/http.conf 644
  if [[ -n $DOMAIN ]]; then
    {
      server_on_80 "location / { return 301 https://$DOMAIN\$request_uri; }"
      cat <<CONF
server {
  listen 443 ssl default_server;
  listen [::]:443 ssl default_server;
  ssl_certificate $ACME/live/$DOMAIN/fullchain.pem;
  ssl_certificate_key $ACME/live/$DOMAIN/privkey.pem;
  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_session_cache shared:tls:1m;
  include proxy.conf;
}
CONF
    } | put /etc/nginx/https.conf 644
    # -L, not -e: the path of the certificate is a link.
    if [[ -L $ROOT$ACME/live/$DOMAIN/fullchain.pem ]]; then site=https.conf; fi
  fi
  mkdir -p "$ROOT$WEBROOT"
  ln -sfn "$site" "$ROOT/etc/nginx/site.conf"
  nginx -t -q
  systemctl enable nginx.service
  systemctl restart nginx.service
  if [[ -n $DOMAIN ]]; then renew_certificate; fi
}

server_on_80() {
  cat <<CONF
server {
  listen 80 default_server;
  listen [::]:80 default_server;
  location ^~ /.well-known/acme-challenge/ {
    root $WEBROOT;
    default_type text/plain;
  }
  $1
}
CONF
}

# Every 20 minutes, as Let's Encrypt allows five failed validations an hour
# (https://letsencrypt.org/docs/rate-limits/); with a certificate that is not due certbot does nothing.
renew_certificate() {
  local contact=--register-unsafely-without-email
  if [[ -n $ACME_EMAIL ]]; then contact="--email $ACME_EMAIL"; fi
  put /etc/systemd/system/certificate.service 644 <<UNIT
[Unit]
Description=Obtain or renew the certificate of $DOMAIN
RequiresMountsFor=$DATA
After=nginx.service

[Service]
Type=oneshot
ExecStart=/usr/bin/certbot certonly --non-interactive --agree-tos $contact --webroot --webroot-path $WEBROOT --config-dir $ACME --domain $DOMAIN --keep-until-expiring
ExecStartPost=/usr/bin/ln -sfn https.conf /etc/nginx/site.conf
ExecStartPost=/usr/bin/systemctl reload nginx.service
UNIT
  put /etc/systemd/system/certificate.timer 644 <<'UNIT'
[Unit]
Description=Look after the certificate

[Timer]
OnActiveSec=1s
OnUnitInactiveSec=20min

[Install]
WantedBy=timers.target
UNIT
  systemctl daemon-reload
  systemctl enable --now certificate.timer
}

# Each minute, as a visitor would: by name, certificate and proxy. A server that is not there tells nothing, and that
# rings as well (lib/operations/alarms.ts, no-answer).
report_answers() {
  step 'report each minute whether the site answers'
  put "$BASE/report" 755 <<REPORT
#!/bin/sh
answers=0
curl --silent --fail --location --max-time 20 --output /dev/null --connect-to ::127.0.0.1: \\
  "http://${DOMAIN:-localhost}$HEALTH_PATH" && answers=1
exec aws cloudwatch put-metric-data --region $REGION --namespace $METRICS --metric-name Answers \\
  --dimensions Site=$NAME --value \$answers
REPORT
  put /etc/systemd/system/report.service 644 <<UNIT
[Service]
Type=oneshot
DynamicUser=yes
Environment=HOME=/tmp
ExecStart=$BASE/report
UNIT
  put /etc/systemd/system/report.timer 644 <<'UNIT'
[Timer]
OnActiveSec=1s
OnUnitActiveSec=1min

[Install]
WantedBy=timers.target
UNIT
  systemctl daemon-reload
  systemctl enable --now report.timer
}

prepare_lone_server() {
  attach_volume
  mount_volume
  prepare_database
  if [[ -n $CACHE ]]; then start_cache; fi
}

# The address moves only to a server that serves.
open_lone_server() {
  report_answers
  claim_address
  database_is_open
  start_proxy
}
