/** `npm run recover -- …`: puts back what an old primary had committed and no replica had received. */
import { openJournal } from './failover/aws';
import { terminal } from './people/terminal';
import { openCloud } from './recover/aws';
import { run } from './recover/run';

// The SDK in package-lock.json runs on Node 20; its advice on later ones is for whoever pins the next.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

void run(process.argv.slice(2), { ...terminal(), open: openJournal, cloud: openCloud }).then((code) => {
  process.exitCode = code;
  // The interval and the signals hold nothing; what a pipe has not taken yet is still written.
  process.stdin.unref?.();
});
