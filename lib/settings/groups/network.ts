import { z } from 'zod';
import { isPrivate, parseCidr } from '../cidr';
import { setting, whole } from '../setting';

export const network = {
  cidr: setting(
    z
      .string()
      .refine((text) => {
        const network = parseCidr(text);
        return network !== undefined && network.prefix >= 16 && network.prefix <= 23 && isPrivate(network);
      })
      .default('10.0.0.0/16'),
    {
      description:
        'Addresses of the VPC; 9 subnets of a sixteenth each are laid out in it (3 tiers in up to 3 zones), whatever the stage.',
      // A VPC has a prefix of 16 to 28 bits (VPC guide, "VPC CIDR blocks"); a load balancer wants subnets of /27 with
      // 8 free addresses (ELB guide, "Subnets for your load balancer"), and a sixteenth of a /23 is a /27.
      allowed:
        'a private IPv4 network with a prefix from /16 to /23, nothing set behind the prefix, such as 10.0.0.0/16 (a smaller one leaves the load balancer no room)',
    },
  ),
  zones: setting(whole(2, 3).default(2), {
    description: 'Availability zones that the servers and databases are spread over.',
    allowed: '2 or 3, and no more than the region has',
    unit: 'zones',
  }),
  zoneNames: setting(z.array(z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/)).optional(), {
    description: 'The availability zones by name, if the first ones that the account sees are not wanted.',
    allowed:
      'a list of as many different zone names of the region as network.zones says, such as ["eu-central-1a", "eu-central-1b"]',
    otherwise: 'the first ones of the account',
  }),
  natGateways: setting(whole(0, 3).optional(), {
    description:
      'NAT gateways through which private servers reach AWS and package repositories; one a zone survives the loss of a zone.',
    allowed: 'from 1 to network.zones at load-balanced and replicated, 0 to network.zones before',
    unit: 'gateways',
    otherwise: '1 at load-balanced and replicated, otherwise 0',
  }),
};
