#!/usr/bin/env python3
"""Measures the memory of `sktuning serve` and the time until it is ready, with 1 and 100 adapters, and prints the rows of a table.
Usage: tests/integration/serve-memory.py TOOL [MODEL...], where TOOL is the sktuning program or SkTuning.Tool.dll. The embedded model comes first."""
import json, os, re, shutil, subprocess, sys, tempfile, threading, time
from serving import Server, command_of, repository

command, clients, calls = command_of(sys.argv[1]), 8, 2000
support = os.path.join(repository, "assets", "data", "support")
texts = [l.split("\t")[0] for l in open(os.path.join(support, "test.tsv"), encoding="utf-8").read().strip().split("\n")[1:]]


def of(server, key):
    with open(f"/proc/{server.process.pid}/status") as f: return int(re.search(key + r":\s+(\d+)", f.read()).group(1)) / 1024


print("| model | adapters | each on disk, KB | ready after, s | resident memory then, MB | after 2,000 texts, MB | highest, MB |\n|---|---|---|---|---|---|---|")
for model in [None, *sys.argv[2:]]:
    work = tempfile.mkdtemp(prefix="serve-memory-")
    subprocess.run([*command, "train", *(["--model", model] if model else []), "--device", "cpu", "--train", os.path.join(support, "train.tsv"), "--limit", "64",
                    "--prompt", "Classify the topic of the customer's message:", "--method", "sk-prefix", "--epochs", "1", "--folds", "0",
                    "--out", os.path.join(work, "one")], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    size = os.path.getsize(os.path.join(work, "one", "adapter.safetensors")) / 1024
    for count in (1, 100):
        adapters = os.path.join(work, str(count))
        for i in range(count): shutil.copytree(os.path.join(work, "one"), os.path.join(adapters, f"a{i}", "1"))
        begun = time.time()
        server = Server(command, adapters, os.path.join(work, "log"), model=model)
        ready, memory = time.time() - begun, of(server, "VmRSS")
        position, lock = iter(range(calls)), threading.Lock()

        def client():
            connection = server.connect()
            while (i := next_call()) is not None:
                connection.request("POST", "/v1/classify", json.dumps({"adapter": f"a{i % count}", "text": texts[i % len(texts)]}), {"Content-Type": "application/json"})
                answer = connection.getresponse()
                answer.read()
                assert answer.status == 200, answer.status

        def next_call():
            with lock: return next(position, None)

        threads = [threading.Thread(target=client) for _ in range(clients)]
        for t in threads: t.start()
        for t in threads: t.join()
        print(f"| {os.path.basename(model) if model else 'embedded'} | {count} | {size:.0f} | {ready:.1f} | {memory:.0f} | {of(server, 'VmRSS'):.0f} "
              f"| {of(server, 'VmHWM'):.0f} |", flush=True)
        code, log = server.stop()
        assert code == 0, log
    shutil.rmtree(work)
