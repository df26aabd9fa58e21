"""A provider on this machine that judges pairs: for the answer that says `good`, too sure of itself,
wrong on every fifth. It gives the log-probabilities of both letters."""

import http.server
import json
import math
import threading
import zlib


class Answers(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        text = json.dumps(request["messages"])
        # The same item in both orders is right or wrong alike.
        item = text[text.find("Question") :].split("?")[0]
        is_first = text.find("a good answer") < text.find("a bad answer")
        if zlib.crc32(item.encode()) % 5 == 0:
            is_first = not is_first
        p = 0.97 if is_first else 0.03
        letters = [("A", math.log(p)), ("B", math.log(1 - p))]
        letters.sort(key=lambda one: -one[1])
        tops = [{"token": token, "logprob": logprob, "bytes": None} for token, logprob in letters]
        choice = {
            "index": 0,
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": letters[0][0]},
            "logprobs": {"content": [{**tops[0], "top_logprobs": tops}]},
        }
        usage = {"prompt_tokens": 100, "completion_tokens": 1, "total_tokens": 101}
        body = {"object": "chat.completion", "model": "m", "choices": [choice], "usage": usage}
        body = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


def start():
    """The server, on a port of its own."""
    server = Server(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
