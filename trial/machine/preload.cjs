/* global process, require */
/* eslint-disable @typescript-eslint/no-require-imports -- what --require loads is CommonJS */
/**
 * Makes a Node process a machine of its own in the trial, without a change to its program. Loaded by
 * NODE_OPTIONS=--require, so it is plain JavaScript; trial/machine/environment.ts sets its variables:
 *
 *   TRIAL_ADDRESS  this machine's loopback address: it listens there instead of on all addresses, and its
 *                  connections come from there, so that security groups can be enforced by address
 *   TRIAL_DNS      address:port of the trial's DNS server, which resolves all names but localhost
 */
'use strict';
const dns = require('node:dns');
const { isIP } = require('node:net');
const { syncBuiltinESMExports } = require('node:module');

const { TRIAL_ADDRESS, TRIAL_DNS } = process.env;

if (TRIAL_ADDRESS) takeAddress(TRIAL_ADDRESS);
if (TRIAL_DNS) resolveThrough(TRIAL_DNS);

/**
 * At the level of the TCP handle, below net, tls, http and http2: there a connection's target is an address at last,
 * and not a name any more. process.binding is deprecated in the documentation only (DEP0111); net has no hook for it.
 */
function takeAddress(own) {
  const { prototype } = process.binding('tcp_wrap').TCP;
  const { bind, bind6, connect } = prototype;

  prototype.connect = function (request, address, port) {
    // Only a loopback address can be reached from one. What has been bound before refuses, and stays as it is.
    if (address.startsWith('127.')) bind.call(this, own, 0);
    return connect.call(this, request, address, port);
  };
  prototype.bind = function (address, port, ...rest) {
    return bind.call(this, address === '0.0.0.0' ? own : address, port, ...rest);
  };
  prototype.bind6 = function (address, port, ...rest) {
    return address === '::' ? bind.call(this, own, port) : bind6.call(this, address, port, ...rest);
  };
}

function resolveThrough(server) {
  const systemLookup = dns.lookup;
  const systemLookupPromise = dns.promises.lookup;

  dns.setServers([server]);
  dns.promises.setServers([server]);
  for (const home of [dns, dns.promises]) {
    const { Resolver } = home;
    home.Resolver = class extends Resolver {
      constructor(...options) {
        super(...options);
        super.setServers([server]);
      }
    };
  }
  const resolver = new dns.promises.Resolver({ timeout: 2_000, tries: 3 });

  /** getaddrinfo's part, as { address, family } each; options as dns.lookup has them. */
  async function find(name, { family = 0 }) {
    const wanted = { IPv4: 4, IPv6: 6 }[family] ?? family;
    const ask = async (kind) => {
      const addresses = await (kind === 4 ? resolver.resolve4(name) : resolver.resolve6(name));
      return addresses.map((address) => ({ address, family: kind }));
    };
    const kinds = wanted === 0 ? [4, 6] : [wanted];
    const answers = await Promise.allSettled(kinds.map(ask));
    const found = answers.flatMap(({ value = [] }) => value);
    if (found.length > 0) return found;
    const absent = answers.every(({ reason }) => !reason || ['ENOTFOUND', 'ENODATA'].includes(reason.code));
    // As getaddrinfo tells them: a name that is not there, and a resolver that does not answer.
    const code = absent ? 'ENOTFOUND' : 'EAI_AGAIN';
    throw Object.assign(new Error(`getaddrinfo ${code} ${name}`), {
      code,
      errno: absent ? -3008 : -3001, // libuv's UV_EAI_NONAME and UV_EAI_AGAIN
      syscall: 'getaddrinfo',
      hostname: name,
    });
  }

  const optionsOf = (options) => (typeof options === 'object' && options) || { family: options ?? 0 };
  const isOwn = (name) => !name || isIP(name) !== 0 || /^(.+\.)?localhost\.?$/i.test(name);
  // Names below it are the loopback address, too (RFC 6761, 6.3), such as a bucket's at the emulator; not every system's
  // own look-up knows that.
  const ownName = (name) => (/\.localhost\.?$/i.test(name) ? 'localhost' : name);

  dns.lookup = function lookup(name, options, callback) {
    if (typeof options === 'function') [options, callback] = [{}, options];
    if (isOwn(name)) return systemLookup(ownName(name), options, callback);
    if (typeof callback !== 'function')
      throw new TypeError('The "callback" argument must be of type function.');
    const given = optionsOf(options);
    find(name, given).then(
      (found) =>
        process.nextTick(() =>
          given.all ? callback(null, found) : callback(null, found[0].address, found[0].family),
        ),
      (error) => process.nextTick(() => callback(error)),
    );
    return {};
  };
  dns.promises.lookup = async function lookup(name, options) {
    if (isOwn(name)) return systemLookupPromise(ownName(name), options);
    const given = optionsOf(options);
    const found = await find(name, given);
    return given.all ? found : found[0];
  };
  // Otherwise util.promisify(dns.lookup) would be given the address alone.
  Object.defineProperty(dns.lookup, require('node:util').promisify.custom, { value: dns.promises.lookup });
}

// For programs that are ES modules and import functions by name.
syncBuiltinESMExports();
