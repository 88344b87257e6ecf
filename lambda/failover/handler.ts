/** Stands in until the adapters behind the ports are there: answers CloudFormation, and does nothing else. */
import { type CustomResourceRequest, respond } from '../prepare-database/respond';

export async function handler(event: object): Promise<void> {
  if ('ResponseURL' in event) await respond(event as CustomResourceRequest);
}
