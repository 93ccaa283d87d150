#!/usr/bin/env python3
"""Makes the initial inputs of the fuzzers, a folder for each.

Usage: make_corpora.py TEST_DATA OUT
The inputs are the published vectors and, if there are none, answers in
WhatsApp's form.
"""
import hashlib
import json
import pathlib
import sys

DATA, OUT = map(pathlib.Path, sys.argv[1:])


def vectors(name):
    return json.loads((DATA / "vectors" / name).read_text())["vectors"]


def write(fuzzer, inputs):
    folder = OUT / fuzzer
    folder.mkdir(parents=True, exist_ok=True)
    for data in inputs:
        if isinstance(data, str):
            data = data.encode()
        (folder / hashlib.sha1(data).hexdigest()[:16]).write_bytes(data)


# ---- nodes, in the plainest of their forms

def text(value):
    data = value.encode()
    if len(data) < 256:
        return bytes([252, len(data)]) + data
    return b"\xfd" + len(data).to_bytes(3, "big") + data


def value(of):
    if "@" not in of:
        return text(of)
    user, server = of.split("@")
    return b"\xfa" + (text(user) if user else b"\0") + text(server)


def node(tag, attributes=None, content=None):
    attributes = attributes or {}
    size = 1 + 2 * len(attributes) + (content is not None)
    out = b"\xf9" + size.to_bytes(2, "big") + text(tag)
    for name, of in attributes.items():
        out += text(name) + value(of)
    if isinstance(content, bytes):
        out += b"\xfd" + len(content).to_bytes(3, "big") + content
    elif content is not None:
        out += b"\xf9" + len(content).to_bytes(2, "big") + b"".join(content)
    return out


def stanza(*arguments):
    return b"\0" + node(*arguments)


def result(*children):
    return stanza("iq", {"from": "@s.whatsapp.net", "type": "result",
                         "id": "1"}, list(children))


def error(code, **more):
    return node("error", {"code": str(code), "text": "some-text", **more})


NODES = [bytes.fromhex(v["hex"]) for v in vectors("nodes.json")]
BAD_NODES = [bytes.fromhex(v["hex"]) for v in vectors("nodes_malformed.json")]


# ---- usync, with the query of usync_fuzzer.cc

def user(number, lid=None, contact="in", children=(), **attributes):
    inside = [node("contact", {"type": contact}, f"+{number}".encode())]
    if lid:
        inside.append(node("lid", {"val": f"{lid}@lid"}))
    return node("user", attributes, inside + list(children))


def usync(users, failures=()):
    return result(node("usync", {"sid": "1"}, [
        node("result", {}, [node(p, {}, [e]) for p, e in failures]),
        node("list", {}, list(users))]))


def usync_answers():
    name = bytes.fromhex(vectors("verified_name.json")[0]["certificate"])
    business = node("business", {}, [
        node("verified_name", {"v": "1", "verified_level": "low"}, name)])
    picture = node("picture", {"id": "1763716800"})
    no_picture = node("picture", {}, [error(404)])
    yield usync([
        user("13105551234", "99887766554433", children=[business, picture],
             jid="13105551234@s.whatsapp.net"),
        user("491711234567", contact="out"),
        user("5511987654321", "100875997589545", children=[no_picture],
             jid="551187654321@s.whatsapp.net")])
    yield usync([
        node("user", {"jid": "99887766554433@lid",
                      "pn_jid": "13105551234@s.whatsapp.net"}, [picture]),
        node("user", {"jid": "100875997589545@lid"},
             [node("business"), no_picture])])
    yield usync([], [("contact", error(429, backoff="3600")),
                     ("picture", error(500)), ("lid", error(403)),
                     ("business", error(404))])
    devices = node("devices", {}, [
        node("device-list", {"hash": "2:AbCdEfGh"}, [
            node("device", {"id": "0"}),
            node("device", {"id": "3", "key-index": "3"})]),
        node("key-index-list", {"ts": "1763716800"}, b"\n\2\10\1")])
    yield usync([
        user("13105551234", "99887766554433", children=[
            picture, devices, node("feature", {}, [
                node("voip", {"value": "true"})])],
            jid="99887766554433@lid", pn_jid="13105551234@s.whatsapp.net")])
    yield usync([node("user", {"jid": "13105551234@c.us"}, [
        node("contact", {}, [error(429, backoff="60")]),
        node("picture", {}, [error(401)])])])
    yield result(node("usync", {}, [node("list")]))


# ---- pictures

URL = ("https://pps.whatsapp.net/v/t61.24694-24/1.jpg?ccb=11-4&oh=01_Q5Aa&"
       "oe=6930A1B2&_nc_sid=5e03e0")


# The groups in the query of picture_fuzzer.cc.
GROUP, GROUP_2 = "120363041234567890@g.us", "120363041234567891@g.us"


def picture_answers():
    found = node("picture", {"id": "1763716800", "type": "image", "url": URL,
                             "direct_path": "/v/1.jpg", "hash": "aGFzaA=="})
    yield result(found)
    yield result(node("pictures", {}, [found]))
    yield result(node("picture", {"id": "1763716800", "type": "image",
                                  "url": URL, "has_staging": "true"}))
    yield result(node("avatar", {"pose_id": "1", "url": URL}))
    yield result(node("picture", {"id": "1763716800", "type": "image"},
                      b"\xff\xd8\xff"))
    yield result(node("picture", {"id": "1763716800"}))
    for status in ("204", "304", "401", "404"):
        yield result(node("picture", {"status": status}))
    for code in (401, 404, 429, 501, 503):
        yield result(node("picture", {}, [error(code, backoff="5")]))
        yield stanza("iq", {"type": "error", "id": "1"}, [error(code)])
    yield result()
    yield result(node("pictures", {}, [
        node("picture", {"jid": GROUP, "id": "17", "type": "preview",
                         "url": URL, "direct_path": "/v/1.jpg"}),
        node("picture", {"jid": GROUP_2, "status": "404"})]))
    yield result(node("pictures", {}, [
        node("picture", {"jid": GROUP}),
        node("picture", {"jid": GROUP_2}, [error(403)])]))
    yield result(node("pictures"))


# ---- channels

def channel(**thread):
    return json.dumps({"data": {"xwa2_newsletter": {
        "id": "120363144038483540@newsletter", "state": {"type": "ACTIVE"},
        "thread_metadata": {"creation_time": "1688746895",
                            "name": {"text": "Caf\u00e9"}, **thread}}}})


CHANNELS = [
    channel(),
    channel(picture={"id": "17", "direct_path": "/v/1.jpg?oe=1"},
            preview={"id": "17", "direct_path": "/v/2.jpg?oe=2"}),
    channel(picture=None, preview={"direct_path": "/v/a-24/416_n.jpg?oe=2"}),
    json.dumps({"data": {"xwa2_newsletter": None}}),
    json.dumps({"data": None, "errors": [
        {"message": "m", "extensions": {"error_code": 404}},
        {"message": "n", "extensions": {"error_code": 429,
                                        "is_summary": True}}]})]


# ---- other stanzas

def notification(kind, children, **more):
    return stanza("notification", {
        "from": "13105551234@s.whatsapp.net", "type": kind, "id": "1",
        "t": "1763716800", **more}, children)


def notices():
    ann = "13105551234@s.whatsapp.net"
    for change in (node("set", {"jid": ann, "id": "17", "author": ann}),
                   node("delete", {"jid": ann}),
                   node("set", {"hash": "q83v", "id": "17"}),
                   node("delete", {"hash": "q83v"}),
                   node("set_avatar", {"jid": ann}),
                   node("request")):
        yield notification("picture", [change])
    yield notification("picture", [], offline="1")
    yield notification("contacts", [
        node("modify", {"old": ann, "new": "13105551235@s.whatsapp.net",
                        "new_lid": "99887766554433@lid"}),
        node("update", {"jid": ann}), node("update", {"hash": "q83v"})])
    name = bytes.fromhex(vectors("verified_name.json")[0]["certificate"])
    yield notification("business", [
        node("verified_name", {"jid": ann, "v": "1"}, name),
        node("remove", {"jid": ann})])
    yield notification("devices", [], lid="99887766554433@lid")
    yield notification("devices", [node("update", {"hash": "q83v"})],
                       lid="99887766554433@lid")
    yield notification("account_sync", [node("picture")], pushname="Ann")
    yield notification("privacy_token", [node("tokens", {}, [
        node("token", {"type": "trusted_contact", "t": "1763716800",
                       "jid": "15551230001@s.whatsapp.net"}, b"\1\xfe")])],
        sender_lid="99887766554433@lid")
    yield notification("encrypt", [node("count", {"value": "3"})])


def props():
    def prop(code, value):
        return node("prop", {"config_code": code, "config_value": value})
    told = [prop("9666", "true"), prop("4992", "true"), prop("865", "604800"),
            prop("909", "4"), prop("1", "x")]
    yield result(node("props", {"hash": "h", "refresh": "86400"}, told))
    yield result(node("props", {"hash": "h2", "delta_update": "true"}, told))


def stanzas():
    yield from notices()
    yield from props()
    for reply in CHANNELS:
        yield result(node("result", {}, reply.encode()))
    yield result(node("digest", {}, [
        node("registration", {}, b"\0\0\0\1"), node("type", {}, b"\5"),
        node("identity", {}, b"i" * 32), node("skey", {}, [
            node("id", {}, b"\0\0\1"), node("value", {}, b"s" * 32)])]))
    server = {"from": "@s.whatsapp.net"}
    for vector in vectors("pairing_qr.json"):
        if "pair_success_hex" in vector:
            yield bytes.fromhex(vector["pair_success_hex"])
    refs = [node("ref", {}, f"2@ref{i}".encode()) for i in range(6)]
    yield stanza("iq", {**server, "type": "set", "id": "1"},
                 [node("pair-device", {}, refs)])
    for reason in ("401", "402", "403", "405", "503", "x"):
        yield stanza("failure", {"reason": reason, "code": "101",
                                 "expire": "3600", "location": "x"})
    for code in ("401", "409", "429", "503", "515", "516"):
        yield stanza("stream:error", {"code": code})
    for conflict in ("replaced", "device_removed", "other"):
        yield stanza("stream:error", {"code": "401"},
                     [node("conflict", {"type": conflict})])
    yield notification("passkey_prologue_request",
                       [node("passkey_request_options", {}, b"{}")])
    yield stanza("ib", server, [
        node("dirty", {"type": "groups", "timestamp": "1763716800"})])
    yield stanza("stream:error", {}, [node("ack", {"id": "1"})])
    yield stanza("stream:error", {}, [node("xml-not-well-formed")])
    yield stanza("xmlstreamend")
    yield stanza("iq", {**server, "type": "get", "xmlns": "urn:xmpp:ping"})
    yield stanza("ib", server, [node("offline_preview", {"count": "120"})])
    yield stanza("ib", server, [node("offline", {"count": "120"})])
    yield result(node("count", {"value": "42"}))
    for tag in ("message", "receipt", "notification", "call", "unheard-of"):
        yield stanza(tag, {
            "from": "120363000000000000@g.us", "id": "3EB0", "type": "text",
            "participant": "13105551234@s.whatsapp.net", "t": "1",
            "recipient": "15551230001@s.whatsapp.net"})
    yield stanza("iq", {"type": "error", "id": "1"}, [error(429)])


# ---- handshakes

def transcripts():
    return json.loads((DATA / "noise_resume.json").read_text())["vectors"]


def server_hellos():
    for vector in vectors("noise_xx.json"):
        yield b"\0" + bytes.fromhex(vector["server_hello"]["protobuf"])
    for vector in transcripts():
        yield b"\1" + bytes.fromhex(vector["server_hello"])
        chain = bytes.fromhex(vector["certificates"])
        yield b"\2" + chain
        yield b"\3" + chain
        yield b"\4" + bytes.fromhex(vector["server_static"]["public"]) + chain


def client_messages():
    def both(first, second):
        return len(first).to_bytes(2, "big") + first + second
    for vector in vectors("noise_xx.json"):
        if vector["expect"] == "ok":
            yield both(bytes.fromhex(vector["client_hello"]["protobuf"]),
                       bytes.fromhex(vector["client_finish"]["protobuf"]))
    for vector in transcripts():
        yield both(bytes.fromhex(vector["client_hello"]),
                   bytes.fromhex(vector["client_finish"]))


# ---- text

JIDS = [
    "13105551234@s.whatsapp.net", "13105551234:7@s.whatsapp.net",
    "13105551234.0:7@s.whatsapp.net", "13105551234_1:7@c.us",
    "99887766554433@lid", "99887766554433:255@lid", "@s.whatsapp.net",
    "120363041234567890@g.us", "status@broadcast", "5:99@hosted",
    "5:99@hosted.lid", "100:65535@msgr", "17-100:65535@interop", "@", "a@b@c",
    "867051314767696@bot", "120363@newsletter"]

URLS = [
    "wss://web.whatsapp.com/ws/chat", "ws://[::1]:8080?ED=1#x", "ws://a:0",
    "http://ann:p%40ss@proxy:3128/", "socks5://[::1]:1080", "socks5://[[1]:0541", "direct", URL,
    "2.3000.1045368834", '"client_revision":1045368834,',
    'self.a="{\\"client_revision\\":1045368834}"']

CONTACTS = [
    "+13105551234", "13105551234", "+1 (310) 555-1234", "+44 (0)20 7946 0958",
    "+5511987654321", "+52 1 55 1234 5678", "tel:+49-171-1234567 ext. 5",
    "\u0661\u0663\u0661\u0660\u0665\u0665\u0665\u0661\u0662\u0663\u0664",
    "Bearer pt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]

TABLES = [
    "name,phone\nAnn,+13105551234\n\"B, \"\"b\"\"\",\"+49 171\n1234567\"\n",
    "\ufeffname;phone;country\r\nAnn;0171 1234567;DE\r\n\r\n",
    "a\tb\n1\t2\n", "+13105551234\n13105551234@s.whatsapp.net\n\n",
    "phone|x\r+13105551234|\"\r",
    '{"phone":"+13105551234","n":1.5e3,"o":{"a":[1,null]}}\n{"phone":"1"}\n',
    '{"phone":"\\u00e9\\ud83d\\ude00","x":[[[]]]}\n', "\"open,quote\n", "\0"]

REQUESTS = [
    "GET /v1/sessions?a=%2B1&b HTTP/1.1\r\nHost: x\r\n\r\n"
    "HEAD * HTTP/1.0\r\n\r\n",
    "POST http://x/a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
    "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
    "Expect: 100-continue\r\n\r\n3;x=y\r\nabc\r\n0\r\nA: b\r\n\r\n",
    "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    "0\r\nA: b\r\n\r\n"]

# The first character of each is its kind and the second its type, as in
# json_fuzzer.cc.
HTTP_JSON = [
    'b\x01{"contact":"+13105551234","existingId":"5","options":{"size":'
    '"PICTURE_SIZE_FULL","maxAge":"24h","session":"a","priority":1}}',
    'b\x02{"items":[{"tag":"1","contact":"x","country":"DE"},{"tag":2}]}',
    'b\x00{"numbers":["1",13105551234,null,[{"a":1e300}]],"Phone":true}',
    'b\x0a{"tenant":"a","rights":["RIGHT_LOOKUP"],"monthlyQuota":"5"}',
    'b\x01{"options":{"maxAge":"1.5s","max_age":null}}',
    'q\x01contact=%2B1&size=full&maxAge=60s&options.max_age=1h&existing_id=1',
    'q\x05contacts=a&contacts=b&resumeToken=beginning',
    'q\x0atenant=x&monthly_quota=-1&expire_time=2026-11-29T00:00:00.5Z',
    'i\x03{"tag":1,"contact":"+13105551234"}\n"+49"\n+49\r\n\n{"x":1}\n{',
    'i\x00{"contact":"a","existing_id":"b","existingId":"c","tag":"7"}',
    'i\x20{"contact":"\\u00e9","country":"DE","tag":18446744073709551615}',
    'r\x00{"tag":"1","profilePicture":{"jid":"1@s.whatsapp.net","phoneNumber":'
    '"+1","registration":"REGISTRATION_REGISTERED","state":1,"id":"5","url":'
    '"https://x/?a=1&b=2","previewUrl":"<","hash":"aGFzaA==","urlExpireTime":'
    '"2026-11-29T00:00:00.123456Z","isBusiness":true,"name":"\u00e9",'
    '"checkTime":"0001-01-01T00:00:00Z","source":"SOURCE_STORE"}}',
    'r\x00{"tag":2,"error":{"reason":"ERROR_REASON_RATE_LIMITED",'
    '"message":"m","retryAfter":"3s"}}',
    b"e\x00\x00\x00\x00\x00\x02{}", b"e\x00\x01\x00\x00\x00\x00",
    b"e\x00\x80\x00\x00\x00\x0fgrpc-status: 0\r"]


def frames():
    def frame(data):
        return len(data).to_bytes(3, "big") + data
    many = b"".join(frame(n) for n in NODES[:20])
    for size in (0, 2, 30, 255):
        yield bytes([size]) + many
    yield b"\x03" + frame(b"") + frame(b"twenty bytes of data")
    yield b"\x03\xff\xff\xff" + b"x" * 40


for fuzzer, ending in (("jpeg", "jpg"), ("png", "png"), ("webp", "webp")):
    write(fuzzer, [path.read_bytes()
                   for path in (DATA / "images").glob(f"*.{ending}")])
write("node", NODES + BAD_NODES + list(usync_answers()) + list(stanzas()))
write("frame", frames())
write("noise_client", server_hellos())
write("noise_server", client_messages())
write("usync", usync_answers())
write("picture", picture_answers())
write("stanza", stanzas())
write("jid", JIDS)
write("http", REQUESTS)
write("json", HTTP_JSON)
write("url", URLS + JIDS)
write("table", TABLES + [
    path.read_bytes() for path in (DATA / "lists").iterdir()
    if path.suffix != ".json"])
write("channel", CHANNELS)
write("contact", CONTACTS + JIDS + [
    row["text"] for row in json.loads((DATA / "contacts.json").read_text())])
