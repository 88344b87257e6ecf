import { resolve } from 'node:path';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import { bundleSite } from '../../app/bundle';
import type { Settings } from '../settings';

/** What the servers run: the folder that the settings name, or the sample site as one file. */
export function siteArtifact(scope: Construct, { web }: Settings, folder: string): Asset {
  if (web.artifact !== undefined)
    return new Asset(scope, 'Artifact', { path: resolve(folder, web.artifact) });
  return new Asset(scope, 'Artifact', {
    path: resolve(folder, 'app'),
    bundling: {
      local: {
        tryBundle: (output) => {
          bundleSite(output);
          return true;
        },
      },
      // Never used, as the bundling above always succeeds or throws; the property is mandatory.
      image: DockerImage.fromRegistry('scratch'),
    },
    assetHashType: AssetHashType.OUTPUT,
  });
}
