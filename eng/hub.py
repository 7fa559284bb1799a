#!/usr/bin/env python3
"""A hub with one model on this machine, for scripts that need one: it answers like the Hugging Face hub, also to requests for a part of a file.

    eng/hub.py FOLDER ORG/NAME      prints its address (for HF_ENDPOINT) and serves until it is stopped
"""
import hashlib
import json
import os
import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

folder, name = sys.argv[1:]
files = {f: os.path.join(folder, f) for f in sorted(os.listdir(folder)) if os.path.isfile(os.path.join(folder, f))}
hashes = {f: hashlib.file_digest(open(path, "rb"), "sha256").hexdigest() for f, path in files.items()}
commit = hashlib.sha1("".join(f + hashes[f] for f in files).encode()).hexdigest()


class Hub(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_HEAD(self):
        self.answer(with_body=False)

    def do_GET(self):
        self.answer(with_body=True)

    def answer(self, with_body):
        path = unquote(self.path.split("?")[0])
        file = path.removeprefix(f"/{name}/resolve/{commit}/")
        if path in (f"/api/models/{name}/revision/main", f"/api/models/{name}/revision/{commit}"):
            self.send(200, json.dumps({"sha": commit, "siblings": [{"rfilename": f} for f in files]}).encode(), with_body)
        elif file in files:
            self.send_file(file, with_body)
        else:
            self.send(404, b"", with_body, {"X-Error-Code": "EntryNotFound" if path.startswith(f"/{name}/") else "RepoNotFound"})

    def send_file(self, file, with_body):
        headers = {"ETag": f'"{hashes[file]}"', "X-Repo-Commit": commit}
        size = os.path.getsize(files[file])
        first = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = int(first.group(1)) if first else 0
        if start >= size > 0:
            return self.send(416, b"", with_body, headers)
        if first:
            headers["Content-Range"] = f"bytes {start}-{size - 1}/{size}"
        with open(files[file], "rb") as content:
            content.seek(start)
            self.send(206 if first else 200, content.read(), with_body, headers)

    def send(self, status, body, with_body, headers={}):
        self.send_response(status)
        for key, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(key, value)
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
server.serve_forever()
