/**
 * Where a webhook may go. An address that an operator typed, or that a stranger's DNS answers, must not make the server talk to
 * its own machine or network: https, and addresses that are public, all of them; `WEBHOOK_NETWORKS` names what is allowed too.
 */
import { Resolver } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';

/** One address that a name resolves to. */
export interface ResolvedAddress {
  address: string;
  family: 4 | 6;
}

/** All addresses of a name; an address resolves to itself. Rejects where there is none. */
export type Resolve = (host: string) => Promise<readonly ResolvedAddress[]>;

const DNS_TIMEOUT_MS = 2_000;
const DNS_TRIES = 2;

/**
 * Asks DNS, IPv4 and IPv6 at once. Not the system's resolver: that one takes a thread for as long as a name server is silent, and
 * the few threads derive members' keys. So names in the hosts file are not known.
 */
export function createResolve(servers?: readonly string[]): Resolve {
  let resolver: Resolver | undefined;
  return async (host) => {
    const family = isIP(host);
    if (family !== 0) return [{ address: host, family: family === 6 ? 6 : 4 }];
    if (resolver === undefined) {
      resolver = new Resolver({ timeout: DNS_TIMEOUT_MS, tries: DNS_TRIES });
      if (servers !== undefined) resolver.setServers(servers);
    }
    const [v4, v6] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    if (v4.status === 'rejected' && v6.status === 'rejected') throw v4.reason;
    return [
      ...(v4.status === 'fulfilled' ? v4.value : []).map((address) => ({ address, family: 4 as const })),
      ...(v6.status === 'fulfilled' ? v6.value : []).map((address) => ({ address, family: 6 as const })),
    ];
  };
}

/** Where to connect, or why not. */
export type GuardedAddress = { kind: 'allowed'; target: ResolvedAddress } | { kind: 'refused'; reason: string };

export interface AddressGuard {
  /** Why a URL can be no endpoint, as far as its text tells; null where it can. */
  refusalOf(url: string): string | null;
  /** Resolves the host once and looks at every answer. The connection must then be made to `target` and nowhere else. */
  resolve(url: URL): Promise<GuardedAddress>;
}

/**
 * IANA's registries of special-purpose addresses: not one of these is a receiver out in the world. 100.64/10 is the carriers'
 * own, 169.254/16 has the metadata of clouds.
 */
const SPECIAL_V4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.31.196.0/24', '192.52.193.0/24', '192.88.99.0/24', '192.168.0.0/16', '192.175.48.0/24'],
  ...['198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
];
/** Public unicast, which loopback, link-local, ULA, multicast, mapped (::ffff:) and NAT64 (64:ff9b::) addresses are not. */
const GLOBAL_V6 = ['2000::/3'];
/** Inside of it: protocols' own with Teredo, documentation, 6to4, which carries any IPv4 address. */
const SPECIAL_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20'];

/** Makes the guard. `networks`: what is allowed besides, also by plain http. */
export function createAddressGuard(networks: readonly string[], resolve: Resolve = createResolve()): AddressGuard {
  const own = listOf(networks);
  const [specialV4, globalV6, specialV6] = [listOf(SPECIAL_V4), listOf(GLOBAL_V6), listOf(SPECIAL_V6)];
  const isOwn = ({ address, family }: ResolvedAddress): boolean => own.check(address, familyName(family));
  const isPublic = ({ address, family }: ResolvedAddress): boolean =>
    family === 4
      ? !specialV4.check(address, 'ipv4')
      : globalV6.check(address, 'ipv6') && !specialV6.check(address, 'ipv6');

  return {
    refusalOf(text) {
      const url = URL.parse(text);
      if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:'))
        return 'Expected an address such as https://till.example/hooks.';
      if (url.username !== '' || url.password !== '' || url.hash !== '')
        return 'Expected an address without a user, a password and a fragment.';
      const host = hostOf(url);
      const family = isIP(host);
      if (family === 0 && url.protocol === 'http:' && networks.length === 0) return HTTP_REFUSED;
      return family === 0 ? null : verdict(url, [{ address: host, family: family === 6 ? 6 : 4 }]).reason;
    },
    async resolve(url) {
      const addresses = await resolve(hostOf(url));
      const { reason } = verdict(url, addresses);
      if (reason !== null) return { kind: 'refused', reason };
      return { kind: 'allowed', target: addresses[0]! };
    },
  };

  function verdict(url: URL, addresses: readonly ResolvedAddress[]): { reason: string | null } {
    if (addresses.length === 0) return { reason: 'The name has no address.' };
    const forbidden = addresses.find((each) => !isOwn(each) && !isPublic(each));
    if (forbidden !== undefined)
      return {
        reason: `The address ${forbidden.address} is not a public one, and WEBHOOK_NETWORKS does not name its network.`,
      };
    return { reason: url.protocol === 'http:' && !addresses.every(isOwn) ? HTTP_REFUSED : null };
  }
}

const HTTP_REFUSED = 'Expected https: plain http is for the networks that WEBHOOK_NETWORKS names.';

const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '');
const familyName = (family: 4 | 6): 'ipv4' | 'ipv6' => (family === 4 ? 'ipv4' : 'ipv6');

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = familyName(isIP(address) === 6 ? 6 : 4);
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number.parseInt(bits, 10), family);
  }
  return list;
}
