#!/usr/bin/env python3
"""Sends damaged requests to `sktuning serve`, and checks that each is refused with the right status, that nothing is written outside the folder of adapters,
that the process answers as before, and that SIGTERM ends it with 0. A second server has keys: without one, nothing is answered or changed.
Usage: tests/integration/serve-fuzz.py TOOL [REQUESTS] [SEED], where TOOL is the sktuning program or SkTuning.Tool.dll. The exit code is 1 if something does
not hold."""
import collections, json, os, random, re, shutil, socket, struct, sys, tempfile, threading, time
from serving import Server, command_of, train, zipped

command = command_of(sys.argv[1])
count = int(sys.argv[2]) if len(sys.argv) > 2 else 5000
seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
work = tempfile.mkdtemp(prefix="serve-fuzz-")
faults = []
ADMIN, READ = "admin-0123456789abcdef", "read-0123456789abcdef"


def fault(text):
    faults.append(text)
    if len(faults) < 20: print("FAULT", text, flush=True)


def everything(folder):
    return sorted((os.path.relpath(os.path.join(d, p), folder), open(os.path.join(d, p), "rb").read()) for d, _, files in os.walk(folder) for p in files)


own = train(command, work, "words", "--method", "probe")
foreign = train(command, work, "foreign", "--method", "probe", "--random-base", "7")
around = os.path.join(work, "around")
for name in ("one", "two"): shutil.copytree(os.path.join(work, "words"), os.path.join(around, name, "adapters", "words", "1"))
r = random.Random(seed)
NAMES = ["../evil", "..%2f..%2fevil", "%2e%2e/evil", "a%00b", "NUL", "con", "A", "a.b", ".hidden", "words@1", "x" * 65, "%ff", "a\\b", "~", "-a", "a b", "é", ""]
GOOD = {"adapter": "words", "text": "my card"}
CORRECTIONS, CORRECTION = "/v1/adapters/words/corrections", {"text": "my card", "label": "bill"}
STATUS = {}


def http(method, path, body=b"", kind="application/json", **headers):
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "Connection: close"] + ([f"Content-Type: {kind}"] if kind else [])
    if "length" not in headers and "Transfer-Encoding" not in headers: lines.append(f"Content-Length: {len(body)}")
    elif "length" in headers: lines.append(f"Content-Length: {headers.pop('length')}")
    return "\r\n".join([*lines, *(f"{k}: {v}" for k, v in headers.items())]).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body


def any_json():
    """A value of a type that is not expected, nested to some depth."""
    kind = r.randrange(9)
    if kind == 0: return None
    if kind == 1: return r.choice([0, -1, 1e308, 2**70, 1.5])
    if kind == 2: return r.choice([True, False])
    if kind == 3: return r.choice(NAMES)
    if kind == 4: return [any_json() for _ in range(r.randrange(4))]
    if kind == 5: return {r.choice(["adapter", "text", "texts", "pairs", "version", "__proto__", "x"]): any_json() for _ in range(r.randrange(4))}
    if kind == 6: return "a" * r.choice([0, 1, 1000])
    if kind == 7: return [["a", "b", "c"]]
    return {}


def wrong_value():
    """Returns a request that has one wrong value."""
    path, good = r.choice([("/v1/classify", GOOD), ("/v1/decide", {"adapters": ["words"], "text": "my card"}), ("/v1/adapters/words/activate", {"version": 1}),
                             (CORRECTIONS, CORRECTION)])
    body = dict(good)
    key = r.choice(list(body))
    while True:
        body[key] = any_json()
        if type(body[key]) is not type(good[key]) or key in ("adapter", "adapters"): break
    if key == "version": body[key] = r.choice(["1", None, 1.5, 2**40, -3, [], {}])
    return http("POST", path, json.dumps(body).encode())


def damaged_json():
    data = bytearray(json.dumps(r.choice([GOOD, {"adapters": ["words"], "text": "my card"}, CORRECTION])).encode())
    kind = r.randrange(6)
    if kind == 0: del data[r.randrange(1, len(data)):]
    elif kind == 1: data[len(data) - 3:len(data) - 3] = r.choice([b"\xff\xfe", b"\xc3\x28", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"\x00", b"\x80"])
    elif kind == 2: data = bytearray(b"[" * r.choice([1, 63, 64, 65, 10000, 1000000]))
    elif kind == 3: data = bytearray(b'{"adapter":"words","text":"\\ud800' + r.choice([b"", b"x", b"\\ud800"]) + b'"}')
    elif kind == 4: data += r.choice([b"}", b",", b"x", b"\x00", b"{}"])
    else: data = bytearray(b'{"adapter":"words","text":"a","text":"b"}')
    return http("POST", r.choice(["/v1/classify", "/v1/decide", CORRECTIONS]), bytes(data))


def huge():
    kind = r.randrange(5)
    if kind == 0: return http("POST", "/v1/classify", b"", length=str(10 ** r.choice([8, 9, 12, 18])))
    if kind == 1: return http("POST", "/v1/classify", json.dumps({"adapter": "words", "text": "a" * (5 << 20)}).encode())
    if kind == 2: return http("POST", "/v1/classify", json.dumps({"adapter": "words", "texts": ["a"] * 5000}).encode())
    if kind == 3: return http("POST", "/v1/classify", json.dumps({"adapter": "words", "text": "a" * 200000}).encode())
    return http("POST", "/v1/adapters/new", b"", kind="application/zip", length=str(1 << 40))


def bad_path():
    name = r.choice(NAMES)
    return http(*r.choice([("GET", f"/v1/adapters/{name}"), ("DELETE", f"/v1/adapters/{name}"), ("POST", f"/v1/adapters/{name}/rollback"),
        (r.choice(["POST", "GET", "DELETE"]), f"/v1/adapters/{name}/corrections"),
        ("DELETE", f"/v1/adapters/words/versions/{r.choice(['..', '-1', '1e3', '99999999999', '%2e%2e', 'x', '²'])}")]))


def bad_upload():
    name = r.choice(["words", "new"]) if r.random() < 0.8 else r.choice(NAMES)
    kind = r.randrange(11)
    if kind == 0: data = zipped(*foreign)
    elif kind == 1: data = zipped((r.choice(["../adapter.json", "/etc/evil", "a/../../../evil", "..\\evil", "C:\\evil", "a/./b", "x\x00y"]), b"x"), *own)
    elif kind == 2: data = zipped(own[0], ("adapter.safetensors", b"\0" * (60 << 20)))
    elif kind == 3: data = zipped(own[0], ("adapter.safetensors", struct.pack("<Q", r.choice([2**63, 2**64 - 1, 50, 4 << 20, 100_000_000])) + b"{" * 40))
    elif kind == 4:
        header = json.dumps({"a": {"dtype": "F32", "shape": [r.choice([2**40, 2**62, -1, 0, 10**9])] * r.choice([1, 2, 20]), "data_offsets": [0, r.choice([4, 2**60])]}})
        data = zipped(own[0], ("adapter.safetensors", struct.pack("<Q", len(header)) + header.encode() + b"\0" * 8))
    elif kind == 5: data = zipped(*((str(i), b"x") for i in range(r.choice([65, 3000]))))
    elif kind == 6: data = zipped(("adapter.json", own[0][1].replace(b"is it my box", b"is it my")), own[1])
    elif kind == 7:
        data = bytearray(zipped(*own))
        for _ in range(r.randrange(1, 6)): data[r.randrange(len(data))] = r.randrange(256)
        data = bytes(data[:r.choice([len(data), len(data), r.randrange(len(data))])])
    elif kind == 8: data = zipped(r.choice(own))
    elif kind == 9:
        definition = json.loads(own[0][1])
        definition[r.choice(list(definition))] = any_json()
        data = zipped(("adapter.json", json.dumps(definition).encode()), own[1])
    else:
        body = b"--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"" + r.choice(["../adapter.json", "adapter.json", "/adapter.json"]).encode() + b"\"\r\n\r\n" \
            + own[0][1] + r.choice([b"\r\n--b--\r\n", b"\r\n--b", b""])
        return http("POST", f"/v1/adapters/{name}", body, kind=r.choice(["multipart/form-data; boundary=b", "multipart/form-data", "multipart/form-data; boundary=" + "b" * 100]))
    return http("POST", f"/v1/adapters/{name}?activate=false", data, kind=r.choice(["application/zip", "application/zip", "application/zip", "application/json"]))


def no_http():
    data = bytearray(http("POST", "/v1/classify", json.dumps(GOOD).encode()))
    kind = r.randrange(7)
    if kind == 0: return bytes(r.randrange(256) for _ in range(r.randrange(1, 300))) + b"\r\n\r\n"
    if kind == 1: return http("POST", "/v1/classify", b"{}", length=r.choice(["-1", "x", "1e3", "99999999999999999999"]))
    if kind == 2: return http("POST", "/v1/classify", b"zz\r\n{}\r\n0\r\n\r\n", **{"Transfer-Encoding": "chunked"})
    if kind == 3: return http("GET", "/" + "a" * 20000)
    if kind == 4: return http("GET", "/v1/adapters", **{f"X-{i}": "a" * 200 for i in range(300)})
    if kind == 5: return http("POST", "/v1/classify", json.dumps(GOOD).encode(), **{"Content-Encoding": r.choice(["gzip", "br", "zstd"])})
    return http(r.choice(["PUT", "PATCH", "TRACE", "CONNECT", "BREW"]), r.choice(["/v1/classify", "/v1/adapters/words", "/"]), b"{}")


def wrong_type():
    return http("POST", r.choice(["/v1/classify", "/v1/decide", "/v1/adapters/new", "/v1/adapters/words/activate", CORRECTIONS]), json.dumps(GOOD).encode(),
                kind=r.choice(["text/plain", "application/xml", "application/json; charset=utf-16", "x", "", None]))


def wrong_site():
    return http("POST", "/v1/classify", json.dumps(GOOD).encode(), Origin=r.choice(["http://evil.example", "null", "http://localhost.evil.example"]))


KINDS = [(wrong_value, 20, {400, 404, 413}), (damaged_json, 15, {400}), (huge, 6, {413}), (bad_path, 15, {400, 404, 405}),
         (bad_upload, 20, {400, 404, 405, 413, 415, 422}), (no_http, 14, {400, 405, 411, 414, 415, 431}), (wrong_type, 7, {415}), (wrong_site, 3, {403})]
server = Server(command, os.path.join(around, "one", "adapters"), os.path.join(work, "log-1"), "--timeout", "5", "--max-adapter", "8")
expected = server.json("POST", "/v1/classify", GOOD)
assert expected[0] == 200, expected
before, memory = everything(around), server.resident()
work_list = []
for _ in range(count):
    kind, _, allowed = r.choices(KINDS, [k[1] for k in KINDS])[0]
    request = kind()
    # A damaged zip file can still be intact where it matters: then the version is stored, without being activated.
    work_list.append((kind.__name__, request, allowed | ({201} if kind is bad_upload else set())))
statuses = collections.defaultdict(collections.Counter)
lock, position, stored, slowest = threading.Lock(), iter(range(count)), [0], [0.0]


def worker():
    while True:
        with lock: i = next(position, None)
        if i is None: return
        name, request, allowed = work_list[i]
        begun = time.time()
        status, answer = server.send(request)
        with lock:
            slowest[0] = max(slowest[0], time.time() - begun)
            statuses[name][status] += 1
            if status == 201: stored[0] += 1
            # A server that refuses a request before it was sent completely closes the connection, and the answer can be lost on the way.
            if status not in allowed and not (status == 0 and name in ("huge", "no_http", "bad_upload")): fault(f"{name}: {status}: {request[:300]!r} -> {answer[-300:]!r}")
            if status >= 400 and status != 400 and b"application/problem+json" not in answer and name != "no_http" and b"Content-Length: 0" not in answer:
                fault(f"{name}: {status} without a problem: {answer[:300]!r}")


start = time.time()
threads = [threading.Thread(target=worker) for _ in range(16)]
# Slow clients, who hold a connection meanwhile.
slow = []
for _ in range(20):
    s = socket.create_connection(("127.0.0.1", server.port))
    s.sendall(b"POST /v1/classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{")
    slow.append(s)
for t in threads: t.start()
for t in threads: t.join()
for s in slow:
    s.settimeout(30)
    answer = s.recv(4096)
    if not answer.startswith(b"HTTP/1.1 408"): fault(f"a slow client: {answer[:200]!r}")
    s.close()
for name, found in sorted(statuses.items()): print(f"{name:14}", dict(sorted(found.items())))
print(f"{count} requests in {time.time() - start:.1f} s, the slowest {slowest[0]:.2f} s; {stored[0]} versions stored; "
      f"resident memory {memory} MB before, {server.resident()} MB after")
if server.process.poll() is not None: fault("the process ended")
if server.json("POST", "/v1/classify", GOOD) != expected: fault("another answer than before")
left = [e for e in everything(around) if e not in before]
outside = [d for d, _, _ in os.walk(around) if not d.startswith((os.path.join(around, "one", "adapters"), os.path.join(around, "two"))) and d not in (around, os.path.join(around, "one"))]
if outside: fault(f"folders outside: {outside}")
extra = {n for n in os.listdir(server.folder)} - {"words", "new"}
if extra: fault(f"names in the folder: {extra}")
if any(e not in everything(around) for e in before): fault("a file of before was changed")
if len([e for e in left if e[0].endswith("adapter.safetensors")]) != stored[0]: fault(f"{stored[0]} versions were stored, but {len(left)} files are new")
code, log = server.stop()
if code != 0: fault(f"SIGTERM: exit code {code}")
if "failed:" in log: fault("the log has a failure: " + log[log.index("failed:") - 100:][:1500])
if "my card" in log: fault("the log has a text")

keyed = Server(command, os.path.join(around, "two", "adapters"), os.path.join(work, "log-2"), SKTUNING_API_KEYS=READ, SKTUNING_ADMIN_KEYS=ADMIN)
before, checks = everything(keyed.folder), 0
for method, path, body, kind, role in [("GET", "/v1/adapters", None, "", 0), ("GET", "/metrics", None, "", 0), ("POST", "/v1/classify", GOOD, "application/json", 0),
        ("POST", CORRECTIONS, {"text": "a"}, "application/json", 0), ("GET", CORRECTIONS, None, "", 1), ("DELETE", CORRECTIONS, None, "", 1),
        ("POST", "/v1/decide", {"adapters": ["words"], "text": "a"}, "application/json", 0), ("POST", "/v1/adapters/new", zipped(*own), "application/zip", 1),
        ("POST", "/v1/adapters/words/activate", {"version": 1}, "application/json", 1), ("POST", "/v1/adapters/words/rollback", None, "", 1),
        ("DELETE", "/v1/adapters/words/versions/1", None, "", 1), ("DELETE", "/v1/adapters/words", None, "", 1)]:
    for key in (None, "", "x", READ[:-1], READ + "x", READ.upper(), ADMIN[:-1], "é" * 20, READ + "," + ADMIN, "x" * 5000):
        checks += 1
        status, _ = keyed.json(method, path, body, key, kind or "text/plain")
        # A header that is not ASCII is refused before its value is compared.
        if status != 401 and not (key and ord(key[0]) > 127 and status == 400): fault(f"{method} {path} with key {key!r:.30}: {status}")
    status, _ = keyed.json(method, path, body, READ, kind or "text/plain")
    if (status == 403) != (role == 1): fault(f"{method} {path} with the key that reads: {status}")
if everything(keyed.folder) != before: fault("a request without a key changed a file")
status, _ = keyed.json("POST", "/v1/adapters/new", zipped(*own), ADMIN, "application/zip")
if status != 201: fault(f"an upload with the key of an administrator: {status}")
code, log = keyed.stop()
if code != 0: fault(f"SIGTERM: exit code {code}")
if any(k in log for k in (READ, ADMIN)): fault("the log has a key")
print(f"{checks} requests without a right key; {len(faults)} faults")
shutil.rmtree(work)
sys.exit(1 if faults else 0)
