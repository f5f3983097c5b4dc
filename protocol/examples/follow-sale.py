"""Follows a sale with nothing but Python's standard library: a client written from protocol/README.md alone.

    python3 follow-sale.py URL TOKEN EVENT SEATS CAPACITIES SECONDS

URL is http://host:port, TOKEN a session's, SEATS the chart's number of seats, CAPACITIES those of its areas ("40,20" or
""). It keeps the map for that many seconds, and longer until a heartbeat has confirmed it, then prints one JSON line:
{"epoch", "seq", "digest", "status" (base64, 2 bits a seat), "areas" (free places), "resyncs", "frames"}.
"""

import base64
import json
import os
import socket
import struct
import sys
import time
from urllib.parse import urlparse

WORD = 0xFFFFFFFF


def mix(key):  # DIG-1
    x = (key * 0x9E3779B1) & WORD
    x ^= x >> 15
    x = (x * 0x85EBCA77) & WORD
    return x ^ (x >> 13)


class WebSocket:
    """RFC 6455, as much as a client of text frames needs."""

    def __init__(self, url):
        where = urlparse(url)
        self.socket = socket.create_connection((where.hostname, where.port or 80))
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET /v1/live HTTP/1.1\r\nHost: {where.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Protocol: cavea.v1.json\r\n\r\n".encode()  # NET-1
        )
        self.stream = self.socket.makefile("rb")
        if b" 101 " not in self.stream.readline():
            raise ConnectionError("no WebSocket")
        while self.stream.readline() != b"\r\n":
            pass

    def send(self, message):
        self._send(1, json.dumps(message).encode())

    def _send(self, opcode, payload):
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
        size = bytes([128 | len(payload)]) if len(payload) < 126 else struct.pack("!BH", 254, len(payload))
        self.socket.sendall(bytes([128 | opcode]) + size + mask + masked)

    def receive(self):
        text = b""
        while True:
            head, size = self.stream.read(2)
            size &= 127
            if size == 126:
                (size,) = struct.unpack("!H", self.stream.read(2))
            elif size == 127:
                (size,) = struct.unpack("!Q", self.stream.read(8))
            payload = self.stream.read(size)
            opcode = head & 15
            if opcode == 8:
                raise ConnectionError("closed with %d" % struct.unpack("!H", payload[:2]))
            if opcode == 9:
                self._send(10, payload)
            elif opcode in (0, 1):
                text += payload
                if head & 128:
                    return json.loads(text)


class SeatMap:
    def __init__(self, seats, capacities):
        self.status = bytearray((seats + 3) // 4)
        self.capacities = capacities
        self.free = list(capacities)
        self.epoch = self.seq = -1
        self.doubtful = True

    def set(self, seat, status):  # MAP-1
        at, shift = seat // 4, seat % 4 * 2
        self.status[at] = self.status[at] & ~(3 << shift) | status << shift

    def digest(self):  # DIG-2, DIG-3
        total = 0
        for seat in range(len(self.status) * 4):
            status = self.status[seat // 4] >> seat % 4 * 2 & 3
            if status:
                total ^= mix(seat * 4 + status)
        for area, capacity in enumerate(self.capacities):
            taken = capacity - self.free[area]
            if taken:
                total ^= mix((1 << 20) + area * 16384 + taken % 16384)
        return total

    def hear(self, frame):
        """Takes a frame about the event. False: resync."""
        kind = frame["type"]
        if kind == "snapshot":  # SEQ-5
            self.status[:] = base64.b64decode(frame["status"])
            return self._stand(frame, frame["seq"])
        if self.doubtful:
            return True  # only a snapshot helps, and it is on its way
        if kind == "diff":
            if frame["epoch"] != self.epoch or frame["fromSeq"] > self.seq + 1:  # SEQ-3, SEQ-4
                return False
            if frame["toSeq"] <= self.seq:  # SEQ-2
                return True
            changes = base64.b64decode(frame["changes"])  # DIFF-1
            for (word,) in struct.iter_unpack("<I", changes[: len(changes) // 4 * 4]):
                self.set(word >> 2, word & 3)
            return self._stand(frame, frame["toSeq"])
        if kind == "heartbeat":  # HB-2, DIG-5
            if frame["epoch"] != self.epoch or frame["seq"] > self.seq:
                return False
            return frame["seq"] < self.seq or frame["digest"] == self.digest()
        return True

    def _stand(self, frame, seq):
        for area in frame["areas"]:  # SNAP-2
            self.free[area["area"]] = area["free"]
        self.epoch, self.seq, self.doubtful = frame["epoch"], seq, False
        return frame["digest"] == self.digest()


def follow(url, token, event, seats, capacities, seconds):
    wire = WebSocket(url)
    wire.send({"type": "hello", "id": 1, "protocol": 1, "token": token})  # HELLO-1
    request, resyncs, frames = 2, 0, 0
    wire.send({"type": "subscribe", "id": request, "event": event})
    seat_map = SeatMap(seats, capacities)
    end = time.monotonic() + seconds
    while True:
        frame = wire.receive()
        if frame["type"] == "outcome" and frame["id"] == request and not frame["ok"]:  # SUB-9
            if frame["reason"] not in ("unavailable", "timeout"):
                raise ConnectionError("refused: " + frame["reason"])
            time.sleep(frame.get("retryAfterMs", 1000) / 1000)
            request += 1
            wire.send({"type": "subscribe", "id": request, "event": event})
        if frame.get("event") != event:
            continue
        frames += 1
        if not seat_map.hear(frame):
            seat_map.doubtful = True
            resyncs += 1
            request += 1
            wire.send({"type": "subscribe", "id": request, "event": event})
        confirmed = frame["type"] == "heartbeat" and not seat_map.doubtful
        if time.monotonic() > end and confirmed:
            break
    return {
        "epoch": seat_map.epoch,
        "seq": seat_map.seq,
        "digest": seat_map.digest(),
        "status": base64.b64encode(seat_map.status).decode(),
        "areas": seat_map.free,
        "resyncs": resyncs,
        "frames": frames,
    }


if __name__ == "__main__":
    url, token, event, seats, capacities, seconds = sys.argv[1:]
    areas = [int(one) for one in capacities.split(",") if one]
    print(json.dumps(follow(url, token, event, int(seats), areas, float(seconds))))
