import t from 'tap';
import { createNetworks } from '../../../server/gateway/network.js';
import { createCap } from '../../../server/gateway/network-cap.js';

const bytes = (...list: number[]) => Uint8Array.from(list).buffer;
const loopback = bytes(127, 0, 0, 1);
const outside = bytes(203, 0, 113, 9);
const v6 = bytes(0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3);
const mapped = bytes(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 203, 0, 113, 9);

t.test('the socket’s address counts', async (t) => {
  const networks = createNetworks([]);
  t.same(networks.of(outside, undefined), { key: '203.0.113.9', loopback: false });
  t.same(networks.of(mapped, undefined), { key: '203.0.113.9', loopback: false });
  t.same(networks.of(v6, undefined), { key: '2001:db8:1:2', loopback: false }, 'a /64 is one network');
  t.equal(networks.of(loopback, undefined).loopback, true);
  t.same(networks.of(outside, '198.51.100.7'), { key: '203.0.113.9', loopback: false }, 'nobody is believed');
  t.equal(networks.of(loopback, '198.51.100.7').loopback, false, 'a proxy on this machine is not this machine');
});

t.test('configured proxies are believed, from the right', async (t) => {
  const networks = createNetworks(['127.0.0.1', '10.0.0.0/8', '2001:db8::/32']);
  const of = (forwarded: string) => networks.of(loopback, forwarded).key;
  t.equal(of('198.51.100.7'), '198.51.100.7');
  t.equal(of('1.1.1.1, 198.51.100.7'), '198.51.100.7', 'what a client wrote itself is left of it');
  t.equal(of('198.51.100.7, 10.1.2.3'), '198.51.100.7', 'two proxies');
  t.equal(of('::ffff:198.51.100.7'), '198.51.100.7', 'not one network with all others of IPv4');
  t.equal(of('6.6.6.6, ::FFFF:198.51.100.7, ::ffff:10.1.2.3'), '198.51.100.7');
  t.equal(of('nonsense'), '127.0.0.1');
  t.equal(of('198.51.100.7, nonsense'), '127.0.0.1');
  t.equal(networks.of(v6, '2a00:1450:4001:81b::200e').key, '2a00:1450:4001:81b');
  t.equal(networks.of(v6, '2a00::1').key, '2a00:0:0:0');
  t.equal(networks.of(loopback, '127.0.0.1').loopback, false);
  t.throws(() => createNetworks(['proxy.example']), RangeError);
});

t.test('caps count what is there, not what has been', async (t) => {
  const cap = createCap(1);
  const network = { key: 'a', loopback: false };
  t.ok(cap.enter(network));
  t.notOk(cap.enter(network));
  t.ok(cap.enter({ key: 'b', loopback: false }));
  cap.leave(network);
  t.ok(cap.enter(network));
  for (let at = 0; at < 5; at++) t.ok(cap.enter({ key: 'local', loopback: true }));
});
