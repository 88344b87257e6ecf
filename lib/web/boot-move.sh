# The move of the data from the server of the first stage to RDS, once: what the one server of the second stage does.
# The old cluster is only read, and never deleted.
MOVED_NOW=''
# libpq reads the credentials of the move from this file; /run is memory, never disk. finish removes it.
export PGSERVICEFILE=$ROOT/run/move.conf

PSQL=(psql --no-psqlrc --quiet --tuples-only --no-align --set ON_ERROR_STOP=1)

old() {
  as_postgres "${PSQL[@]}" --dbname "$DATABASE_NAME"
}

target() {
  "${PSQL[@]}" --dbname service=target "$@"
}

# RDS's certificate names the endpoint, not our alias: verify-full needs the name behind the CNAME.
target_answers() {
  local host
  host=$(dig +short "$WRITER_HOST" CNAME) || return 1
  host=${host%.}
  aws secretsmanager get-secret-value --secret-id "$WRITER_SECRET" --query SecretString --output text |
    python3 -c '
import json, sys
secret = json.load(sys.stdin)
print("[target]")
print("host=" + sys.argv[1], "dbname=" + sys.argv[2], "sslrootcert=" + sys.argv[3], sep="\n")
print("port=" + str(secret.get("port", 5432)), "user=" + secret["username"], sep="\n")
print("password=" + secret["password"], "sslmode=verify-full", "connect_timeout=10", sep="\n")
' "${host:-$WRITER_HOST}" "$DATABASE_NAME" "$ROOT$TRUST_STORE" | put /run/move.conf 600 || return 1
  target --command 'select 1' >/dev/null
}

tables() {
  "$1" <<'SQL' | LC_ALL=C sort
select format('%I.%I', schemaname, tablename) from pg_tables
 where schemaname not in ('pg_catalog', 'information_schema')
SQL
}

# For each table of the old database a statement that fails in the target unless it has as many rows there.
row_counts() {
  old <<'SQL'
select format('select format(''do $c$ begin assert (select count(*) from %%s) = %%s, %%L; end $c$;'',
  %1$L::text, count(*), %2$L::text) from %1$s', name, name || ' has not as many rows as before')
from (select format('%I.%I', schemaname, tablename) as name from pg_tables
  where schemaname not in ('pg_catalog', 'information_schema')) as t \gexec
SQL
}

# COMMIT is sent only after the dump has ended well and the counts agree. psql's --single-transaction
# would commit half a dump whenever pg_dump died.
copy_database() {
  echo 'begin;' &&
    as_postgres pg_dump --dbname "$DATABASE_NAME" --no-owner --no-privileges --no-tablespaces \
      --no-publications --no-subscriptions &&
    row_counts &&
    echo 'commit;'
}

prepare_database() {
  local before after both
  if [[ ! -e $ROOT$CLUSTER/PG_VERSION ]]; then return 0; fi
  if [[ -e $ROOT$MOVED ]]; then
    say 'the data has moved to RDS already'
    return 0
  fi
  step 'move the data of this server to RDS'
  packages postgresql17 postgresql17-server glibc-langpack-en bind-utils
  place_postgres
  systemctl start postgresql.service
  retry 30 1 target_answers || die "RDS cannot be reached as $WRITER_HOST"
  before=$(tables old)
  after=$(tables target)
  both=$(LC_ALL=C comm -12 <(echo "$before") <(echo "$after"))
  if [[ -n $both ]]; then
    # Which of the two is right only a person knows: nothing is changed, and no site serves the wrong one.
    die "RDS and $CLUSTER both hold ${both//$'\n'/, }: keep RDS by 'touch $MOVED', or drop these tables in RDS to move again"
  fi
  copy_database | target --output /dev/null || die 'the data could not be moved; RDS is as it was, and so is the old database'
  systemctl stop postgresql.service
  rm -f "$PGSERVICEFILE"
  MOVED_NOW=yes
}

# Only now, before the first visitor: until the site is healthy a roll-back to the old database loses nothing.
database_is_open() {
  if [[ -n $MOVED_NOW ]]; then date -u >"$ROOT$MOVED"; fi
}
