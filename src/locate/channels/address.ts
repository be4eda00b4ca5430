/** Addresses a webhook may not point at: this machine, private networks, and whatever else is not the open internet. */
import { promises as dns, type LookupAddress } from 'node:dns';
import { BlockList, isIP } from 'node:net';
import { NotDelivered } from './port.ts';

/** Special-purpose addresses that are not globally reachable (IANA registries, RFC 6890), and multicast. */
const closedOff = new BlockList();
const v4 = (
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 ' +
  '192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4'
).split(' ');
const v6 = '::/128 ::1/128 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 2002::/16 fc00::/7 fe80::/10 ff00::/8'.split(
  ' ',
);
for (const [family, ranges] of [
  ['ipv4', v4],
  ['ipv6', v6],
] as const)
  for (const range of ranges) {
    const [net = '', bits = ''] = range.split('/');
    closedOff.addSubnet(net, Number(bits), family);
  }

/** An IPv4 address dressed as IPv6 (mapped, or behind NAT64) is judged by what it stands for. */
export function isPrivate(address: string): boolean {
  const inner = innerV4(address);
  if (inner) return isPrivate(inner);
  const family = isIP(address);
  return family === 0 || closedOff.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

function innerV4(address: string): string | null {
  if (isIP(address) !== 6) return null;
  const [, dotted] = /^(?:::ffff:|64:ff9b::)(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? [];
  if (dotted) return dotted;
  const [, high, low] = /^(?:::ffff:|64:ff9b::)([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(address) ?? [];
  if (high === undefined || low === undefined) return null;
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [a >> 8, a & 255, b >> 8, b & 255].join('.');
}

/**
 * The address to connect to, looked up once and checked: connecting to a name would look it up again, and it could
 * have another address by then. One closed-off address among several is reason enough to refuse them all.
 */
export async function checkedAddress(host: string, allowPrivate: boolean): Promise<LookupAddress> {
  const name = host.replace(/^\[|\]$/g, '');
  const found = await dns.lookup(name, { all: true }).catch((cause: unknown) => {
    throw new NotDelivered('unreachable', { cause });
  });
  if (!allowPrivate && found.some(({ address }) => isPrivate(address))) throw new NotDelivered('private-address');
  const [first] = found;
  if (!first) throw new NotDelivered('unreachable');
  return first;
}
