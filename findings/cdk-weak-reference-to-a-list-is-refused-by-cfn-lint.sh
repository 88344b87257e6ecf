#!/usr/bin/env bash
# Where: aws-cdk-lib 2.276.0 (flag `@aws-cdk/core:defaultCrossStackReferences`), where it meets cfn-lint 1.58.0.
# Guess: a template that the CDK writes passes cfn-lint; whether stacks refer to each other by exports or by the newer weak
#        references changes how, and nothing else.
# Seen:  a weak reference to a list (here a zone's name servers) is `Fn::Split` over `Fn::GetStackOutput`, which cfn-lint
#        does not take there: E1018 "is not of type 'string'". The same list by an export, `Fn::Split` over
#        `Fn::ImportValue`, passes, and so does a weak reference to a single text. Who turns the flag on must leave E1018
#        out, and with it every real mistake in a split.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund aws-cdk-lib@2.276.0 constructs@10.8.1 > /dev/null
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check cfn-lint==1.58.0
cat > app.cjs <<'JS'
const { App, Stack } = require('aws-cdk-lib');
const { PublicHostedZone, TxtRecord, ZoneDelegationRecord } = require('aws-cdk-lib/aws-route53');

const [, , references, what] = process.argv;
const app = new App({
  outdir: `${references}-${what}`,
  context: { '@aws-cdk/core:defaultCrossStackReferences': references },
});
const env = { account: '123456789012', region: 'us-east-1' };
const child = new PublicHostedZone(new Stack(app, 'child', { env }), 'Zone', { zoneName: 'dev.example.com' });
const parent = new Stack(app, 'parent', { env });
const zone = new PublicHostedZone(parent, 'Zone', { zoneName: 'example.com' });
if (what === 'list') {
  new ZoneDelegationRecord(parent, 'Delegation', { zone, recordName: 'dev', nameServers: child.hostedZoneNameServers });
} else {
  new TxtRecord(parent, 'Note', { zone, recordName: 'dev', values: [child.hostedZoneId] });
}
app.synth();
JS
for references in weak strong; do
  for what in list text; do
    NODE_NO_WARNINGS=1 node app.cjs "$references" "$what" > /dev/null
    said=$(venv/bin/cfn-lint --format parseable "$references-$what/parent.template.json" | cut -d: -f6 | sort -u | tr '\n' ' ' || true)
    printf '%-6s reference to a %s: cfn-lint says %s\n' "$references" "$what" "${said:-nothing}"
    echo "$references $what ${said% }" >> seen
  done
done
diff seen - <<'SEEN' || { echo changed; exit 1; }
weak list E1018
weak text 
strong list 
strong text 
SEEN
