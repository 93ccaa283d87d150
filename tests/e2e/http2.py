"""A minimal HTTP/2 client that can violate the protocol: it sends frames as
requested, whatever the peer allows. Numbers: RFC 9113, RFC 7541, gRPC over
HTTP2."""

import socket
import struct
import time

DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY = 0, 1, 3, 4, 6, 7
WINDOW_UPDATE, CONTINUATION = 8, 9
END_STREAM, END_HEADERS, ACK = 0x1, 0x4, 0x1
ENABLE_PUSH, INITIAL_WINDOW_SIZE = 2, 4
CANCEL = 8
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
WINDOW = 65535
MAX_FRAME = 16384
PATIENCE = 120  # seconds


def connect(address, timeout=PATIENCE):
    if address.startswith("unix:"):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(timeout)
        connection.connect(address.removeprefix("unix:"))
        return connection
    host, port = address.rsplit(":", 1)
    return socket.create_connection((host, int(port)), timeout=timeout)


def frame(kind, flags, stream, payload=b""):
    return (struct.pack(">I", len(payload))[1:] + bytes([kind, flags])
            + struct.pack(">I", stream) + payload)


def _string(text):
    """HPACK, without Huffman coding."""
    data = text.encode()
    if len(data) < 127:
        return bytes([len(data)]) + data
    length, rest = bytearray([127]), len(data) - 127
    while rest >= 128:
        length.append(rest % 128 + 128)
        rest //= 128
    length.append(rest)
    return bytes(length) + data


def call_headers(path, token=None, more=()):
    fields = [(":method", "POST"), (":scheme", "http"), (":path", path),
              (":authority", "portrait"), ("te", "trailers"),
              ("content-type", "application/grpc"), *more]
    if token:
        fields.append(("authorization", f"Bearer {token}"))
    # Literals without indexing.
    return b"".join(b"\0" + _string(k) + _string(v) for k, v in fields)


def message(payload, compressed=False):
    return struct.pack(">BI", compressed, len(payload)) + payload


class Connection:
    """A connection whose caller decides when to read, with receive()."""

    def __init__(self, address, stream_window=WINDOW):
        self.socket = connect(address)
        self.received = b""
        self.next_stream = 1
        self.ended = set()      # streams that the server has ended
        self.reset = set()  # streams that it has reset, a part of ended
        self.answered = set()   # streams that it has sent data on
        self.goaway = None      # (error code, text)
        self.closed = False
        self.settled = False  # the server's settings are in effect
        self.window = WINDOW  # bytes that may be sent
        self.windows = {}  # and per stream
        self.send(PREFACE + frame(SETTINGS, 0, 0, struct.pack(
            ">HIHI", ENABLE_PUSH, 0, INITIAL_WINDOW_SIZE, stream_window)))

    def close(self):
        self.socket.close()

    def send(self, data):
        try:
            self.socket.settimeout(PATIENCE)
            self.socket.sendall(data)
        except OSError:
            self.closed = True

    def open(self, path, token=None, more=(), end=False):
        """Begins a call; returns its stream."""
        stream, self.next_stream = self.next_stream, self.next_stream + 2
        self.windows[stream] = WINDOW
        self.send(frame(HEADERS, END_HEADERS | (END_STREAM if end else 0),
                        stream, call_headers(path, token, more)))
        return stream

    def open_with(self, path, token, more):
        """Like open, with metadata that needs several frames."""
        stream, self.next_stream = self.next_stream, self.next_stream + 2
        self.windows[stream] = WINDOW
        block = call_headers(path, token, more)
        for i in range(0, len(block), MAX_FRAME):
            last = i + MAX_FRAME >= len(block)
            self.send(frame(HEADERS if i == 0 else CONTINUATION,
                            END_HEADERS if last else 0, stream,
                            block[i:i + MAX_FRAME]))
        return stream

    def write(self, stream, payload, end=False, compressed=False):
        """Sends a message as fast as the server accepts it."""
        self.write_data(stream, message(payload, compressed), end)

    def write_data(self, stream, data, end=False):
        data = memoryview(data)
        deadline = time.monotonic() + PATIENCE
        while data and stream not in self.ended and not self.closed:
            room = min(self.window, self.windows[stream], MAX_FRAME)
            if room == 0:
                if time.monotonic() > deadline:
                    raise AssertionError("the server takes no more")
                self.receive(0.05)
                continue
            part, data = data[:room], data[room:]
            self.window -= len(part)
            self.windows[stream] -= len(part)
            self.send(frame(DATA, END_STREAM if end and not data else 0,
                            stream, part))

    def receive(self, seconds=0):
        """Reads the available data, or waits that long for the first data."""
        self.socket.settimeout(seconds)
        try:
            data = self.socket.recv(1 << 20)
            self.closed |= not data
        except (BlockingIOError, TimeoutError, socket.timeout):
            return
        except OSError:
            self.closed = True
            return
        self.received += data
        while len(self.received) >= 9:
            length = int.from_bytes(self.received[:3], "big")
            if len(self.received) < 9 + length:
                return
            kind, flags = self.received[3], self.received[4]
            stream = int.from_bytes(self.received[5:9], "big")
            payload = self.received[9:9 + length]
            self.received = self.received[9 + length:]
            self._on_frame(kind, flags, stream, payload)

    def receive_until(self, condition, seconds=PATIENCE):
        """Returns whether the condition was met before the connection ended.
        """
        end = time.monotonic() + seconds
        while not condition() and not self.closed:
            if time.monotonic() > end:
                raise AssertionError(f"not within {seconds} s")
            self.receive(0.2)
        return condition()

    def _on_frame(self, kind, flags, stream, payload):
        if kind == SETTINGS and not flags & ACK:
            self.settled = True
            self.send(frame(SETTINGS, ACK, 0))
        elif kind == PING and not flags & ACK:
            self.send(frame(PING, ACK, 0, payload))
        elif kind == GOAWAY:
            self.goaway = (int.from_bytes(payload[4:8], "big"), payload[8:])
        elif kind == WINDOW_UPDATE:
            more = int.from_bytes(payload, "big")
            if stream == 0:
                self.window += more
            elif stream in self.windows:
                self.windows[stream] += more
        elif kind == RST_STREAM:
            self.reset.add(stream)
            self.ended.add(stream)
        elif kind in (DATA, HEADERS):
            if kind == DATA and payload:
                self.answered.add(stream)
            if flags & END_STREAM:
                self.ended.add(stream)
