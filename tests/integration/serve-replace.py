#!/usr/bin/env python3
"""Loads, replaces, rolls back and removes adapters of `sktuning serve` while clients classify, and then ends it with SIGTERM during the load. Each answer must be
that of the version that it names, and each request that the server accepted must have reached its client whole: as many as the server counts.
Usage: tests/integration/serve-replace.py TOOL [CHANGES] [CLIENTS] [SEED]. The exit code is 1 if something does not hold."""
import collections, http.client, json, os, random, re, shutil, sys, tempfile, threading, time
from serving import Server, command_of, train, zipped

command = command_of(sys.argv[1])
changes, clients, seed = (int(sys.argv[i]) if len(sys.argv) > i else usual for i, usual in ((2, 200), (3, 16), (4, 1)))
work = tempfile.mkdtemp(prefix="serve-replace-")
faults, lock, ended = [], threading.Lock(), threading.Event()
NAMES = [f"words-{i}" for i in range(6)]
TEXTS = [f"my {w}{e}" for w in ("parcel", "card", "bill") for e in ("", " please", " here")]
METHODS = ["probe", "lora", "prefix"]


def fault(text):
    with lock: faults.append(text)
    if len(faults) < 20: print("FAULT", text, flush=True)


uploads = [zipped(*train(command, work, f"trained-{m}", "--method", m, shift=i)) for i, m in enumerate(METHODS)]
server = Server(command, os.path.join(work, "adapters"), os.path.join(work, "log"), "--log-requests")
# What each version must answer. Which upload a version is from follows from its name and number, also after a removal, when the numbers begin again.
right = []
for i, content in enumerate(uploads):
    status, uploaded = server.json("POST", "/v1/adapters/reference", content, kind="application/zip")
    assert status == 201, (status, uploaded)
    status, answer = server.json("POST", "/v1/classify", {"adapter": "reference", "texts": TEXTS})
    right.append([(p["label"], p["confidence"]) for p in answer["predictions"]])
assert len({json.dumps(r) for r in right}) == len(right), "the adapters do not differ"


def upload_of(name, version): return (NAMES.index(name) + version) % len(uploads)


for name in NAMES: assert server.json("POST", f"/v1/adapters/{name}", uploads[upload_of(name, 1)], kind="application/zip")[0] == 201
counts, received, stopping, deleted = collections.Counter(), [0], [False], set()


def client(number):
    r, connection = random.Random(seed * 1000 + number), server.connect()
    while not ended.is_set():
        name, k = r.choice(NAMES), r.randrange(1, len(TEXTS) + 1)
        at = r.sample(range(len(TEXTS)), k)
        try:
            connection.request("POST", "/v1/classify", json.dumps({"adapter": name, "texts": [TEXTS[i] for i in at]}), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException) as e:
            connection.close()
            # Not accepted: nothing came back. A part of an answer would be an IncompleteRead.
            if not stopping[0] or isinstance(e, http.client.IncompleteRead): fault(f"no whole answer: {e!r}")
            if stopping[0]: return
            continue
        with lock:
            received[0] += 1
            counts[answer.status] += 1
        if answer.status == 404:
            if name not in deleted: fault(f"404 for {name}, which was never removed")
            continue
        if answer.status != 200:
            fault(f"{answer.status}: {body[:300]!r}")
            continue
        found = json.loads(body)
        expected = right[upload_of(name, found["version"])]
        for i, p in zip(at, found["predictions"], strict=True):
            if p.get("label") != expected[i][0] or abs(p["confidence"] - expected[i][1]) > 1e-5:
                fault(f"{name} version {found['version']}: {p} for '{TEXTS[i]}', expected {expected[i]}")


threads = [threading.Thread(target=client, args=(i,)) for i in range(clients)]
memory, start, r, done = server.resident(), time.time(), random.Random(seed), collections.Counter()
for t in threads: t.start()
versions = {name: [1] for name in NAMES}
for _ in range(changes):
    name, kind = r.choice(NAMES), r.choice(["upload", "upload", "activate", "rollback", "remove"])
    # The last name is never removed, so that a 404 for it is a fault.
    if kind == "remove" and name == NAMES[-1]: kind = "upload"
    if kind == "upload":
        version = max(versions[name]) + 1
        status, answer = server.json("POST", f"/v1/adapters/{name}", uploads[upload_of(name, version)], kind="application/zip")
        if status != 201 or answer["version"] != version: fault(f"upload of {name} {version}: {status} {answer}")
        versions[name].append(version)
    elif kind == "remove":
        deleted.add(name)
        status, _ = server.json("DELETE", f"/v1/adapters/{name}")
        if status != 204: fault(f"removal of {name}: {status}")
        versions[name] = [1]
        status, answer = server.json("POST", f"/v1/adapters/{name}", uploads[upload_of(name, 1)], kind="application/zip")
        if status != 201: fault(f"{name} again: {status} {answer}")
    else:
        body = {"version": r.choice(versions[name])} if kind == "activate" else None
        status, answer = server.json("POST", f"/v1/adapters/{name}/{kind}", body)
        if status != 200 and not (kind == "rollback" and status == 409): fault(f"{kind} of {name}: {status} {answer}")
    done[kind] += 1
spent = time.time() - start
stopping[0] = True
code, log = server.stop()
ended.set()
for t in threads: t.join()
if code != 0: fault(f"SIGTERM: exit code {code}")
answered = len(re.findall(r"POST /v1/classify \d+ \d+ ms", log)) - len(uploads)
if answered != received[0]: fault(f"the server answered {answered} requests, of which {received[0]} arrived")
if "failed:" in log: fault(log[log.index("failed:") - 100:][:1500])
print(f"{sum(done.values())} changes ({', '.join(f'{v} {k}' for k, v in sorted(done.items()))}) in {spent:.1f} s, during {received[0]} requests of {clients} clients: "
      f"{dict(counts)}; {answered} answered by the server; exit code {code}; {len(faults)} faults")
shutil.rmtree(work)
sys.exit(1 if faults else 0)
