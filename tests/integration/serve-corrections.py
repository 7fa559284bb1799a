#!/usr/bin/env python3
"""Kills `sktuning serve` (SIGKILL) while 8 clients send corrections, and starts it again, many times: each correction that was answered is kept, in a complete
line that training reads, and no line is torn or mixed with another.
Usage: tests/integration/serve-corrections.py TOOL [KILLS], where TOOL is the sktuning program or SkTuning.Tool.dll. The exit code is 1 if something does not
hold."""
import json, os, random, shutil, subprocess, sys, tempfile, threading, time
from serving import Server, command_of, train

command = command_of(sys.argv[1])
kills = int(sys.argv[2]) if len(sys.argv) > 2 else 10
work, r = tempfile.mkdtemp(prefix="serve-corrections-"), random.Random(1)
train(command, work, "words", "--method", "probe")
adapters = os.path.join(work, "adapters")
shutil.copytree(os.path.join(work, "words"), os.path.join(adapters, "words", "1"))
answered, torn, number, lock = set(), 0, [0], threading.Lock()
path = os.path.join(adapters, "words", "corrections.jsonl")
for kill in range(kills):
    server = Server(command, adapters, os.path.join(work, f"log-{kill}"))
    stop = threading.Event()

    def client():
        while not stop.is_set():
            with lock: number[0] += 1; own = number[0]
            text = f"{own} " + "é\n\"" * (own % 200)
            try: status, _ = server.json("POST", "/v1/adapters/words/corrections", {"text": text, "label": "card"})
            except OSError: return
            if status == 201:
                with lock: answered.add(text)

    threads = [threading.Thread(target=client) for _ in range(8)]
    for t in threads: t.start()
    time.sleep(0.3 + r.random())
    server.process.kill()
    server.process.wait()
    stop.set()
    for t in threads: t.join()
    # What a kill between two pages of a write leaves.
    if kill % 2:
        with open(path, "ab") as f: f.write('{"text":"torn é'.encode()[:-1])
        torn += 1
server = Server(command, adapters, os.path.join(work, "log"))
lines = open(path, encoding="utf-8").read().split("\n")
texts = [json.loads(l)["text"] for l in lines[:-1]]
faults = [f"{len(answered - set(texts))} of {len(answered)} corrections are lost"] if answered - set(texts) else []
if lines[-1]: faults.append("the last line is not complete")
if len(set(texts)) < len(texts): faults.append("a correction is there twice")
if any(l.startswith("torn") for l in texts): faults.append("a torn line was kept")
if subprocess.run([*command, "data", "inspect", path], stdout=subprocess.DEVNULL).returncode: faults.append("data inspect cannot read the file")
code, log = server.stop()
if code: faults.append(f"SIGTERM: exit code {code}")
print(f"{kills} kills, {torn} torn lines, {len(answered)} corrections answered, {len(texts)} kept, {os.path.getsize(path)} bytes")
print("\n".join("FAULT " + f for f in faults) or "no faults")
shutil.rmtree(work)
sys.exit(1 if faults else 0)
