import type { Down } from '../../protocol/down.js';

/**
 * One frame of each kind as it goes over the wire, byte for byte. Numbers beyond 32 bits (times) travel as doubles;
 * epoch, seq and digest use all of their 32 bits.
 */
export const golden: readonly { name: string; frame: Down; binary: string; json: string }[] = [
  {
    name: 'welcome',
    frame: {
      type: 'welcome',
      id: 1,
      protocol: 1,
      worker: 'worker-1',
      session: 'ses_0123456789ABCDEFGHJK',
      now: 1893455400123,
      heartbeatMs: 2000,
      staleMs: 5000,
    },
    binary:
      '88a474797065a777656c636f6d65a2696401a870726f746f636f6c01a6776f726b6572a8776f726b65722d31a773657373696f6eb87365735f3031323334353637383941424344454647484a4ba36e6f77cb427b8dabc8cbb000ab6865617274626561744d73cd07d0a77374616c654d73cd1388',
    json: '{"type":"welcome","id":1,"protocol":1,"worker":"worker-1","session":"ses_0123456789ABCDEFGHJK","now":1893455400123,"heartbeatMs":2000,"staleMs":5000}',
  },
  {
    name: 'snapshot',
    frame: {
      type: 'snapshot',
      event: 'evt_demo',
      epoch: 4294967295,
      seq: 2147483648,
      digest: 3952996293,
      status: new Uint8Array([4, 2, 12]),
      areas: [
        {
          area: 0,
          free: 16384,
        },
      ],
    },
    binary:
      '87a474797065a8736e617073686f74a56576656e74a86576745f64656d6fa565706f6368ceffffffffa3736571ce80000000a6646967657374ceeb9defc5a6737461747573c40304020ca561726561739182a46172656100a466726565cd4000',
    json: '{"type":"snapshot","event":"evt_demo","epoch":4294967295,"seq":2147483648,"digest":3952996293,"status":"BAIM","areas":[{"area":0,"free":16384}]}',
  },
  {
    name: 'snapshot of some sections',
    frame: {
      type: 'snapshot',
      event: 'evt_demo',
      epoch: 1,
      seq: 0,
      digest: 0,
      status: new Uint8Array([0]),
      areas: [],
      sections: [3],
    },
    binary:
      '88a474797065a8736e617073686f74a56576656e74a86576745f64656d6fa565706f636801a373657100a664696765737400a6737461747573c40100a5617265617390a873656374696f6e739103',
    json: '{"type":"snapshot","event":"evt_demo","epoch":1,"seq":0,"digest":0,"status":"AA==","areas":[],"sections":[3]}',
  },
  {
    name: 'diff',
    frame: {
      type: 'diff',
      event: 'evt_demo',
      epoch: 4294967295,
      fromSeq: 2147483649,
      toSeq: 4294967295,
      digest: 3638555244,
      changes: new Uint8Array([254, 52, 12, 0]),
      areas: [
        {
          area: 1,
          free: 0,
        },
      ],
    },
    binary:
      '88a474797065a464696666a56576656e74a86576745f64656d6fa565706f6368ceffffffffa766726f6d536571ce80000001a5746f536571ceffffffffa6646967657374ced8dff26ca76368616e676573c404fe340c00a561726561739182a46172656101a46672656500',
    json: '{"type":"diff","event":"evt_demo","epoch":4294967295,"fromSeq":2147483649,"toSeq":4294967295,"digest":3638555244,"changes":"/jQMAA==","areas":[{"area":1,"free":0}]}',
  },
  {
    name: 'diff without changes',
    frame: {
      type: 'diff',
      event: 'evt_demo',
      epoch: 7,
      fromSeq: 12,
      toSeq: 12,
      digest: 1561565218,
      changes: new Uint8Array([]),
      areas: [],
    },
    binary:
      '88a474797065a464696666a56576656e74a86576745f64656d6fa565706f636807a766726f6d5365710ca5746f5365710ca6646967657374ce5d139822a76368616e676573c400a5617265617390',
    json: '{"type":"diff","event":"evt_demo","epoch":7,"fromSeq":12,"toSeq":12,"digest":1561565218,"changes":"","areas":[]}',
  },
  {
    name: 'counts',
    frame: { type: 'counts', event: 'evt_demo', free: [0, 127, 300] },
    binary: '83a474797065a6636f756e7473a56576656e74a86576745f64656d6fa46672656593007fcd012c',
    json: '{"type":"counts","event":"evt_demo","free":[0,127,300]}',
  },
  {
    name: 'heartbeat',
    frame: {
      type: 'heartbeat',
      event: 'evt_demo',
      epoch: 7,
      seq: 2147483648,
      digest: 4294967295,
      now: 1893455400123,
    },
    binary:
      '86a474797065a9686561727462656174a56576656e74a86576745f64656d6fa565706f636807a3736571ce80000000a6646967657374ceffffffffa36e6f77cb427b8dabc8cbb000',
    json: '{"type":"heartbeat","event":"evt_demo","epoch":7,"seq":2147483648,"digest":4294967295,"now":1893455400123}',
  },
  {
    name: 'stale',
    frame: {
      type: 'stale',
      event: 'evt_demo',
    },
    binary: '82a474797065a57374616c65a56576656e74a86576745f64656d6f',
    json: '{"type":"stale","event":"evt_demo"}',
  },
  {
    name: 'holds',
    frame: {
      type: 'holds',
      event: 'evt_demo',
      change: 'held',
      holdId: 'hld_0123456789ABCDEFGHJK.demo',
      holds: [
        {
          id: 'hld_0123456789ABCDEFGHJK.demo',
          event: 'evt_demo',
          seats: [0, 127, 128, 70000, 199999],
          phase: 'held',
          expiresAt: 1893456000123,
          capAt: 1893457200123,
          priceVersion: 3,
        },
      ],
      now: 1893455400123,
    },
    binary:
      '86a474797065a5686f6c6473a56576656e74a86576745f64656d6fa66368616e6765a468656c64a6686f6c644964bd686c645f3031323334353637383941424344454647484a4b2e64656d6fa5686f6c64739187a26964bd686c645f3031323334353637383941424344454647484a4b2e64656d6fa56576656e74a86576745f64656d6fa5736561747395007fcc80ce00011170ce00030d3fa57068617365a468656c64a9657870697265734174cb427b8dac5b47b000a56361704174cb427b8dad803fb000ac707269636556657273696f6e03a36e6f77cb427b8dabc8cbb000',
    json: '{"type":"holds","event":"evt_demo","change":"held","holdId":"hld_0123456789ABCDEFGHJK.demo","holds":[{"id":"hld_0123456789ABCDEFGHJK.demo","event":"evt_demo","seats":[0,127,128,70000,199999],"phase":"held","expiresAt":1893456000123,"capAt":1893457200123,"priceVersion":3}],"now":1893455400123}',
  },
  {
    name: 'outcome done',
    frame: {
      type: 'outcome',
      id: 2147483647,
      ok: true,
      now: 1893455400123,
      hold: {
        id: 'hld_0123456789ABCDEFGHJK.demo',
        event: 'evt_demo',
        seats: [0, 127, 128, 70000, 199999],
        phase: 'held',
        expiresAt: 1893456000123,
        capAt: 1893457200123,
        priceVersion: 3,
      },
    },
    binary:
      '85a474797065a76f7574636f6d65a26964ce7fffffffa26f6bc3a36e6f77cb427b8dabc8cbb000a4686f6c6487a26964bd686c645f3031323334353637383941424344454647484a4b2e64656d6fa56576656e74a86576745f64656d6fa5736561747395007fcc80ce00011170ce00030d3fa57068617365a468656c64a9657870697265734174cb427b8dac5b47b000a56361704174cb427b8dad803fb000ac707269636556657273696f6e03',
    json: '{"type":"outcome","id":2147483647,"ok":true,"now":1893455400123,"hold":{"id":"hld_0123456789ABCDEFGHJK.demo","event":"evt_demo","seats":[0,127,128,70000,199999],"phase":"held","expiresAt":1893456000123,"capAt":1893457200123,"priceVersion":3}}',
  },
  {
    name: 'outcome refused',
    frame: {
      type: 'outcome',
      id: 3,
      ok: false,
      reason: 'taken',
      message: 'Some of these seats are no longer available.',
      now: 1893455400123,
      seats: [70000],
    },
    binary:
      '87a474797065a76f7574636f6d65a2696403a26f6bc2a6726561736f6ea574616b656ea76d657373616765d92c536f6d65206f6620746865736520736561747320617265206e6f206c6f6e67657220617661696c61626c652ea36e6f77cb427b8dabc8cbb000a5736561747391ce00011170',
    json: '{"type":"outcome","id":3,"ok":false,"reason":"taken","message":"Some of these seats are no longer available.","now":1893455400123,"seats":[70000]}',
  },
  {
    name: 'goodbye',
    frame: {
      type: 'goodbye',
      reconnectWithinMs: 10000,
    },
    binary: '82a474797065a7676f6f64627965b17265636f6e6e65637457697468696e4d73cd2710',
    json: '{"type":"goodbye","reconnectWithinMs":10000}',
  },
];
