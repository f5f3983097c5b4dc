import { BlockList, isIP } from 'node:net';

/**
 * Which network a request comes from. The socket's address counts; X-Forwarded-For only from a configured proxy.
 * (The PROXY protocol that uWebSockets.js also parses is never read: any client can send it.)
 */
export interface Networks {
  /** @param peer binary address as uWebSockets.js gives it. */
  of(peer: ArrayBuffer, forwardedFor: string | undefined): Network;
}

export interface Network {
  /** What budgets are counted by: the IPv4 address, or the first 64 bits of the IPv6 address. */
  readonly key: string;
  /** A process of this machine, not somebody behind a proxy. */
  readonly loopback: boolean;
}

/** @throws RangeError when an entry is neither an address nor a network. */
export function createNetworks(trustedProxies: readonly string[]): Networks {
  const trusted = new BlockList();
  for (const entry of trustedProxies) trust(trusted, entry);

  return {
    of(peer, forwardedFor) {
      const address = addressText(peer);
      if (forwardedFor === undefined) return networkOf(address);
      if (!isTrusted(trusted, address)) return networkOf(address, false);
      // From the right: each trusted proxy vouches for the entry on its left.
      const hops = forwardedFor.split(',').map(hopText);
      let client = address;
      for (const hop of hops.reverse()) {
        if (isIP(hop) === 0) break;
        client = hop;
        if (!isTrusted(trusted, hop)) break;
      }
      return networkOf(client, false);
    },
  };
}

function trust(list: BlockList, entry: string): void {
  const [address = '', bits] = entry.split('/');
  const version = isIP(address);
  if (version === 0) throw new RangeError(`not an address or network: ${entry}`);
  const family = version === 4 ? 'ipv4' : 'ipv6';
  if (bits === undefined) list.addAddress(address, family);
  else list.addSubnet(address, Number(bits), family);
}

function isTrusted(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

function networkOf(address: string, mayBeLoopback = true): Network {
  const loopback = mayBeLoopback && (address.startsWith('127.') || address === '0:0:0:0:0:0:0:1');
  if (isIP(address) === 4) return { key: address, loopback };
  return { key: prefix64(address), loopback };
}

/** The first four groups of an IPv6 address, written out. */
function prefix64(address: string): string {
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const rest = tail === '' ? 0 : tail.split(':').length;
    while (groups.length + rest < 8) groups.push('0');
    groups.push(...tail.split(':'));
  }
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}

/** Proxies that listen on both families write IPv4 clients as `::ffff:1.2.3.4`: the first 64 bits of them are all alike. */
function hopText(hop: string): string {
  return hop.trim().replace(/^::ffff:(?=[\d.]+$)/i, '');
}

/** IPv4 in dots (also when mapped into IPv6), IPv6 as eight groups. */
function addressText(peer: ArrayBuffer): string {
  const bytes = Buffer.from(peer);
  if (bytes.length === 4) return bytes.join('.');
  const mapped =
    bytes.length === 16 && bytes.readUInt16BE(10) === 0xffff && bytes.subarray(0, 10).every((b) => b === 0);
  if (mapped) return bytes.subarray(12).join('.');
  const groups: string[] = [];
  for (let at = 0; at + 1 < bytes.length; at += 2) groups.push(bytes.readUInt16BE(at).toString(16));
  return groups.join(':');
}
