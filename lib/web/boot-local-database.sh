# PostgreSQL on the data volume of the one server of the first stage, without any password: the site's user is
# the database's role, and nothing listens but a socket.
prepare_database() {
  step 'start the database on this server'
  # Once the site has written to RDS, the copy here is old: serving it again would lose those writes in silence.
  if [[ -e $ROOT$MOVED ]]; then
    die "the data has moved to RDS: bring it back first, then remove $MOVED, or stay at split-database"
  fi
  place_postgres
  if [[ ! -e $ROOT$CLUSTER/PG_VERSION ]]; then
    # RDS's own locale (RDS guide, "Collations supported in RDS for PostgreSQL"): the order of texts stays at the move.
    # In a folder of its own first: a cluster under its final name is whole.
    rm -rf "$ROOT$CLUSTER.new"
    mkdir -p "$ROOT$CLUSTER.new"
    chown postgres:postgres "$ROOT${CLUSTER%/*}" "$ROOT$CLUSTER.new"
    as_postgres initdb --pgdata "$ROOT$CLUSTER.new" --encoding UTF8 --locale en_US.UTF-8 --data-checksums \
      --auth-local peer --auth-host reject \
      --set listen_addresses= --set unix_socket_directories=/run/postgresql
    mv "$ROOT$CLUSTER.new" "$ROOT$CLUSTER"
  fi
  systemctl enable postgresql.service
  systemctl restart postgresql.service
  as_postgres psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --set name="$DATABASE_NAME" --dbname postgres <<'SQL'
select 'create role site login' where not exists (select from pg_roles where rolname = 'site') \gexec
select format('create database %I owner site', :'name')
 where not exists (select from pg_database where datname = :'name') \gexec
SQL
}

database_is_open() { :; }
