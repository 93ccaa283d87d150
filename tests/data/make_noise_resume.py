#!/usr/bin/env python3
"""Makes noise_resume.json: transcripts of handshakes in which a client resumes
with a known server key (IK), or must do the full handshake (XXfallback).

Independent of the C++ code: the patterns are interpreted from their notation
in the Noise specification. Before anything is written, the same interpreter
has to reproduce the XX transcripts in vectors/noise_xx.json byte for byte.

Needs python3-cryptography. Usage: make_noise_resume.py > noise_resume.json
"""
import hashlib
import hmac
import json
import os

from cryptography.hazmat.primitives.asymmetric.x25519 import (
    X25519PrivateKey, X25519PublicKey)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import (
    Encoding, NoEncryption, PrivateFormat, PublicFormat)

PROLOGUE = b"WA\x06\x03"

# Pre-messages, then messages; "i" speaks first in each connection.
PATTERNS = {
    "XX": ([], [("i", "e"), ("r", "e ee s es"), ("i", "s se")]),
    "IK": ([("r", "s")], [("i", "e es s ss"), ("r", "e ee se")]),
    "XXfallback": ([("i", "e")], [("r", "e ee s es"), ("i", "s se")]),
}


class Key:
    def __init__(self, private):
        self.key = X25519PrivateKey.from_private_bytes(private)
        self.private = self.key.private_bytes(
            Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        self.public = self.key.public_key().public_bytes(
            Encoding.Raw, PublicFormat.Raw)

    def dh(self, public):
        return self.key.exchange(X25519PublicKey.from_public_bytes(public))

    def json(self):
        return {"private": self.private.hex(), "public": self.public.hex()}


def seeded(label):
    return Key(hashlib.sha256(b"portrait noise resume " + label).digest())


def hkdf(chaining_key, ikm):
    extracted = hmac.digest(chaining_key, ikm, "sha256")
    first = hmac.digest(extracted, b"\x01", "sha256")
    return first, hmac.digest(extracted, first + b"\x02", "sha256")


class Noise:
    """Both sides of a handshake; all private keys are known."""

    def __init__(self, pattern, keys):
        pre, messages = PATTERNS[pattern]
        self.messages = list(messages)
        self.keys = keys  # ("i" or "r", "e" or "s") -> Key
        name = b"Noise_%s_25519_AESGCM_SHA256" % pattern.encode()
        self.h = (name.ljust(32, b"\0") if len(name) <= 32
                  else hashlib.sha256(name).digest())
        self.ck, self.k, self.n = self.h, None, 0
        self.mix_hash(PROLOGUE)
        for side, token in pre:
            self.mix_hash(keys[side, token].public)

    def mix_hash(self, data):
        self.h = hashlib.sha256(self.h + data).digest()

    def mix_key(self, ikm):
        self.ck, self.k = hkdf(self.ck, ikm)
        self.n = 0

    def seal(self, plaintext):
        if self.k is None:
            out = plaintext
        else:
            out = AESGCM(self.k).encrypt(
                b"\0\0\0\0" + self.n.to_bytes(8, "big"), plaintext, self.h)
            self.n += 1
        self.mix_hash(out)
        return out

    def write(self, payload):
        """The fields of the next message: {"e", "s", "payload"}."""
        side, tokens = self.messages.pop(0)
        fields = {}
        for token in tokens.split():
            if token == "e":
                fields["e"] = self.keys[side, "e"].public
                self.mix_hash(fields["e"])
            elif token == "s":
                fields["s"] = self.seal(self.keys[side, "s"].public)
            else:  # "es": the initiator's e with the responder's s
                self.mix_key(self.keys["i", token[0]].dh(
                    self.keys["r", token[1]].public))
        if payload is not None:
            fields["payload"] = self.seal(payload)
        return fields

    def split(self):
        return hkdf(self.ck, b"")


# ---- protobuf and certificates

def varint(value):
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def message(number, fields, names):
    body = b"".join(field(i + 1, fields[name])
                    for i, name in enumerate(names) if name in fields)
    return field(number, body)


def hello(number, fields):
    return message(number, fields, ["e", "s", "payload"])


def finish(fields):
    return message(4, fields, ["s", "payload"])


P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = 15112221349535400772501151409588531511454012693041857206046113283949847762202


def add(a, b):
    x1, y1, x2, y2 = *a, *b
    t = D * x1 * x2 * y1 * y2 % P
    return ((x1 * y2 + x2 * y1) * pow(1 + t, P - 2, P) % P,
            (y1 * y2 + x1 * x2) * pow(1 - t, P - 2, P) % P)


def encode_multiple(scalar):
    point, total = (BASE_X, BASE_Y), (0, 1)
    while scalar:
        if scalar & 1:
            total = add(total, point)
        point = add(point, point)
        scalar >>= 1
    return (total[1] | (total[0] & 1) << 255).to_bytes(32, "little")


def xeddsa_sign(key, data, nonce):
    clamped = bytearray(key.private)
    clamped[0] &= 248
    clamped[31] = clamped[31] & 127 | 64
    a = int.from_bytes(clamped, "little")
    public = encode_multiple(a)

    def scalar(*parts):
        return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(),
                              "little") % L

    r = scalar(b"\xFE" + b"\xFF" * 31, key.private, data, nonce)
    big_r = encode_multiple(r)
    s = (r + scalar(big_r, public, data) * a) % L
    signature = bytearray(big_r + s.to_bytes(32, "little"))
    signature[63] |= public[31] & 0x80
    return bytes(signature)


def chain(root, intermediate, leaf_public, not_before, not_after):
    def issue(serial, issuer, public, issuer_key):
        details = b"".join([field(1, serial), field(2, issuer),
                            field(3, public), field(4, not_before),
                            field(5, not_after)])
        signature = xeddsa_sign(issuer_key, details, bytes(64))
        return field(1, details) + field(2, signature)
    return (field(1, issue(1001, 7, leaf_public, intermediate)) +
            field(2, issue(7, 0, intermediate.public, root)))


# ---- the transcripts

def check_against_xx():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                        "vectors", "noise_xx.json")
    with open(path, encoding="utf-8") as file:
        vectors = json.load(file)["vectors"]
    checked = 0
    for vector in vectors:
        if vector["expect"] != "ok":
            continue
        keys = {(side, kind): Key(bytes.fromhex(
            vector["keys"][f"{who}_{name}"]["private"]))
            for side, who in (("i", "client"), ("r", "server"))
            for kind, name in (("e", "ephemeral"), ("s", "static"))}
        noise = Noise("XX", keys)
        first = hello(2, noise.write(None))
        second = hello(3, noise.write(bytes.fromhex(vector["cert"]["chain"])))
        third = finish(noise.write(
            bytes.fromhex(vector["client_payload"]["protobuf"])))
        assert first.hex() == vector["client_hello"]["protobuf"]
        assert second.hex() == vector["server_hello"]["protobuf"]
        assert third.hex() == vector["client_finish"]["protobuf"]
        assert noise.split()[0].hex() == (
            vector["transport"]["client_to_server_key"])
        checked += 1
    assert checked > 0


def transcript(name, label, known, payload, certified):
    """`known`: the key that the client believes to be the server's."""
    root, intermediate = seeded(b"root"), seeded(b"intermediate")
    keys = {("i", "e"): seeded(label + b" ce"), ("i", "s"): seeded(b"cs"),
            ("r", "e"): seeded(label + b" se"), ("r", "s"): seeded(b"ss")}
    certificates = b""
    if certified:
        certificates = chain(root, intermediate, keys["r", "s"].public,
                             1760000000, 1770000000)
    noise = Noise("IK", {**keys, ("r", "s"): known})
    first = hello(2, noise.write(payload))
    third = b""
    resumed = known.public == keys["r", "s"].public
    if resumed:
        second = hello(3, noise.write(certificates))
    else:
        noise = Noise("XXfallback", keys)
        second = hello(3, noise.write(certificates))
        third = finish(noise.write(payload))
    to_server, to_client = noise.split()
    return {
        "name": name,
        "pattern": "IK" if resumed else "XXfallback",
        "now": 1763716800,
        "root_public": root.public.hex(),
        "client_static": keys["i", "s"].json(),
        "client_ephemeral": keys["i", "e"].json(),
        "server_static": keys["r", "s"].json(),
        "server_ephemeral": keys["r", "e"].json(),
        "known_server_key": known.public.hex(),
        "certificates": certificates.hex(),
        "client_payload": payload.hex(),
        "client_hello": first.hex(),
        "server_hello": second.hex(),
        "client_finish": third.hex(),
        "hash": noise.h.hex(),
        "client_to_server_key": to_server.hex(),
        "server_to_client_key": to_client.hex(),
    }


def main():
    check_against_xx()
    server, former = seeded(b"ss"), seeded(b"former ss")
    payload = b"a client payload, as long as it is"
    vectors = [
        transcript("resumed", b"1", server, payload, True),
        transcript("resumed, large payload", b"2", server,
                   bytes(range(256)) * 9, True),
        transcript("resumed, no certificates shown", b"3", server, payload,
                   False),
        transcript("the server has another key by now", b"4", former, payload,
                   True),
    ]
    print(json.dumps({"about": "Made by make_noise_resume.py.",
                      "vectors": vectors}, indent=1))


if __name__ == "__main__":
    main()
