#!/usr/bin/env python3
"""Checks the draw of a waiting room, from what everybody can read: docs/waiting-room.md says what is checked.

    python3 verify-draw.py https://tickets.example evt_... [RECEIPT]

With a receipt it also says which entry it proves and which place that entry has drawn. Ends with 1 when something is wrong.
"""
import hashlib
import json
import sys
import urllib.request


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def read(address):
    with urllib.request.urlopen(address) as answer:
        return json.load(answer)


def main(server, event, receipt=None):
    draw = read(f"{server}/v1/events/{event}/draw")
    if "secret" not in draw:
        print(f"not drawn yet: {draw['entries']} entries, commitment {draw['commitment']}")
        return 0
    if sha256(draw["secret"]) != draw["commitment"]:
        print("WRONG: the secret is not the one that was committed to")
        return 1
    tags, cursor = [], "0"
    while cursor is not None:
        page = read(f"{server}/v1/events/{event}/draw/log?cursor={cursor}")
        for line in page["entries"]:
            tags.append(line["tag"])
            if line["entry"] != len(tags):
                print(f"WRONG: entry {len(tags)} is missing")
                return 1
        cursor = page["nextCursor"]
    chain = draw["commitment"]
    for tag in tags:
        chain = sha256(chain + tag)
    if chain != draw["chain"] or len(tags) != draw["entries"]:
        print("WRONG: the log is not the one that was drawn from")
        return 1
    seed = sha256(draw["secret"] + chain + draw["beacon"])
    order = sorted(range(1, len(tags) + 1), key=lambda entry: sha256(seed + tags[entry - 1]))
    print(f"right: {len(tags)} entries, the first places went to entries {order[:5]}")
    if receipt is not None:
        if sha256(receipt) not in tags:
            print("WRONG: this receipt is not in the log")
            return 1
        entry = tags.index(sha256(receipt)) + 1
        print(f"this receipt is entry {entry}; it has drawn place {order.index(entry) + 1}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
