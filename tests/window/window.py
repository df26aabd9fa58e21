"""Drives the real window from outside, by the accessible names that a screen reader would say.

The program must be built with the feature `inspection` and started with EGUI_INSPECTION=host:port.
The protocol is egui_inspection's, version 1: a handshake of eight bytes, then MessagePack values,
each behind its length as four bytes.
"""

import socket
import struct
import time

import msgpack

NO_MODIFIERS = [False] * 5


class Window:
    """One connection to a running window."""

    def __init__(self, port, seconds=60):
        end = time.monotonic() + seconds
        while True:
            try:
                self.socket = socket.create_connection(("127.0.0.1", port), 5)
                break
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)
        self.socket.settimeout(60)
        if self._receive(8)[:4] != b"eins":
            raise RuntimeError("not an inspection server")

    def _receive(self, count):
        data = b""
        while len(data) < count:
            piece = self.socket.recv(count - len(data))
            if not piece:
                raise EOFError("the window closed the connection")
            data += piece
        return data

    def request(self, value):
        body = msgpack.packb(value)
        self.socket.sendall(struct.pack(">I", len(body)) + body)
        (size,) = struct.unpack(">I", self._receive(4))
        return msgpack.unpackb(self._receive(size), raw=False, strict_map_key=False)

    def events(self, *events):
        self.request({"ApplyEvents": [list(events)]})

    def settle(self, frames=20):
        self.request({"Settle": [frames]})

    def resize(self, width, height):
        self.request({"Resize": [width, height]})
        self.settle()

    def screenshot(self, path):
        picture = self.request({"GetScreenshot": [None]})["Screenshot"]
        with open(path, "wb") as file:
            file.write(picture[1])

    def nodes(self):
        """All accessible nodes: id → role, name, value, bounds, further properties."""
        tree = self.request("GetTree")["Tree"][2]
        raw = {node_id: {"role": node[0], "actions": node[1], **node[4]} for node_id, node in tree[0]}
        for node in raw.values():
            name = node.get("label")
            if not name and node.get("labelledBy"):
                parts = (raw.get(i, {}) for i in node["labelledBy"])
                name = " ".join(p.get("label") or p.get("value") or "" for p in parts).strip()
            node["name"] = name or (node.get("value") if node["role"] == "label" else None)
        return raw

    def find(self, name, role=None, contains=False, nth=-1):
        """The nth node of that name (and role) from the top, the lowest by default, or None."""
        found = []
        for node in self.nodes().values():
            node_name = node["name"] or ""
            fits = name in node_name if contains else name == node_name
            if fits and (role is None or node["role"] == role):
                found.append(node)
        found.sort(key=lambda node: self.bounds(node)[:2][::-1] if node.get("bounds") else [0, 0])
        return found[nth] if -len(found) <= nth < len(found) else None

    def focused(self):
        """The accessible node that has the focus, or None."""
        update = self.request("GetTree")["Tree"][2]
        return self.nodes().get(update[3])

    def wait(self, name, role=None, seconds=30, contains=False, gone=False):
        """Waits until the node is there (or gone)."""
        end = time.monotonic() + seconds
        while True:
            node = self.find(name, role, contains)
            if (node is None) == gone:
                return node
            if time.monotonic() > end:
                known = sorted({f"{n['role']} {n['name']!r}" for n in self.nodes().values() if n["name"]})
                raise AssertionError(
                    f"{role or 'node'} {name!r} {'stayed' if gone else 'never came'}; there are:\n  "
                    + "\n  ".join(known)
                )
            time.sleep(0.1)

    @staticmethod
    def bounds(node):
        bounds = node["bounds"]
        return list(bounds.values()) if isinstance(bounds, dict) else bounds

    def click(self, name, role=None, seconds=30, contains=False):
        left, top, right, bottom = self.bounds(self.wait(name, role, seconds, contains))
        at = [(left + right) / 2, (top + bottom) / 2]
        self.events({"PointerMoved": at})
        self.events({"PointerButton": [at, "Primary", True, NO_MODIFIERS]})
        self.events({"PointerButton": [at, "Primary", False, NO_MODIFIERS]})
        self.settle()

    def type(self, text):
        self.events({"Text": text})
        self.settle()

    def key(self, key, command=False, shift=False, alt=False):
        modifiers = [alt, command, shift, False, command]
        for pressed in (True, False):
            self.events(
                {"Key": [key, None, pressed, False, modifiers]},
            )
        self.settle()
