#!/usr/bin/env python3
"""Extracts every code block of README.md, samples/README.md, and docs/*.md, and runs the shell commands in them, with data cut to seconds.

    eng/docs-blocks.py TOOL [PAGE...]          runs the commands, each page in a folder of its own; TOOL is the program sktuning
    eng/docs-blocks.py --list [PAGE...]        lists the blocks and what is done with them
    eng/docs-blocks.py --long TOOL [PATTERN]   runs what takes minutes or hours, in the repository (see eng/docs-long.sh)

Each block is printed with `run` and its seconds, or with the reason why it is not run. The exit code is 1 if a command fails. The tables below are all
that is special about a page: FILES is what a reader would have, SUBSTITUTIONS cut the work, REASONS name what runs elsewhere or cannot run here.
"""
import glob, os, re, shutil, signal, subprocess, sys, tempfile, time

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), ".."))
TINY = os.path.join(ROOT, "assets", "models", "tiny")
SUPPORT = os.path.join(ROOT, "assets", "data", "support")
ROWS_PER_LABEL = 4

# Files that commands write and read as their own, in place of the reader's. Rows get the labels that a command names (--describe, --label-word, --levels).
FILES = {"train": "train.tsv", "dev": "dev.tsv", "test": "test.tsv"}
ROW_FILES = ["rows.tsv", "train.tsv", "messages.tsv", "march.tsv", "tickets.tsv", "corrections.jsonl"]
MODELS = ["my-model", "base-model", "path/to/model"]
TEXTS = ["texts.txt", "reviews.txt"]

# What is replaced in a command, in order: the cost is cut, and what "..." leaves out is added. Files of rows have a few of each label.
SUBSTITUTIONS = [
    (r"\s+#.*$", ""),
    (r"^dotnet run --project src/SkTuning\.Tool -c Release --", "sktuning"),
    (r"\s+(\.\.\.|…)$", " {needed}"),
    (r"--epochs \d+", "--epochs 1"),
    (r"distillation=\d+", "distillation=2"),
    (r"--model (?!path/|assets/)[\w-]+/[\w.-]+", "--model my-model"),
    (r"^(sktuning compare --init (\S+))", r"rm \2; \1; cp .plan.json \2"),
    (r"localhost:8080", "localhost:{port}"),
    (r"(sktuning serve\b[^&\n]*)&", r"\1 --urls http://127.0.0.1:{port} & wait_for_server"),
    (r"--rows 20\b", "--rows 4"),
]

# Commands that are not run here, and why. The first that matches counts.
LONG, ELSEWHERE = "long", "elsewhere"
REASONS = [
    (r"SKTUNING_TEST_DEVICE=cuda|--device cuda|SkTuningBackend=cuda", ELSEWHERE, "needs a GPU"),
    (r"^dotnet run --project bench/|^sktuning compare bench/plans/|tests/SkTuning\.Fuzz .*(--count|--minutes)", LONG, "takes minutes to hours: eng/docs-long.sh"),
    (r"^dotnet test|SKTUNING_PARITY_TABLE", ELSEWHERE, ".ci/run runs the tests"),
    (r"quickstart", ELSEWHERE, ".ci/run runs it"),
    (r"tests/SkTuning\.Fuzz", ELSEWHERE, ".ci/run runs it"),
    (r"^dotnet run --project samples/", ELSEWHERE, ".ci/run runs all samples"),
    (r"^dotnet (new|add|tool|pack|publish|nuget)|^cd topics$", ELSEWHERE, "uses packages: eng/check-package.sh"),
    (r"^(docker|install|systemctl|cp deploy)|/etc/sktuning", ELSEWHERE, "needs a container engine or systemd"),
    (r"model get", ELSEWHERE, "needs a network; the tests use a hub on loopback"),
    (r"adapter import", ELSEWHERE, "needs a folder saved by PEFT; the tests import 36"),
    (r"compare plan\.json --docs", ELSEWHERE, "writes into a page; compare plan.json is run for README.md"),
    (r"^python|^pip|^iconv|^nvidia-smi", ELSEWHERE, "not a command of SkTuning"),
    (r"serve --model|serve --adapters \./adapters$", ELSEWHERE, "ends on a signal; the session in docs/serving.md is run"),
]
KINDS = {"csharp": "compiled by SnippetTests", "cs": "code from inside the library, for contributors", "fsharp": "samples/16-fsharp is a whole program",
         "python": "Python", "xml": "a part of a project file", "dockerfile": "needs a container engine"}
STARTS = r"^(\$ |sktuning\b|dotnet |cat \S+ \| sktuning|docker |[A-Z_]+=\S+ (dotnet|sktuning)|python|install |systemctl |eng/|tests/integration/)"


class Block:
    def __init__(self, page, line, kind, text, name=None):
        self.page, self.line, self.kind, self.text, self.name = page, line, kind, text, name

    @property
    def is_session(self): return any(l.startswith("$ ") for l in self.text.splitlines())

    def commands(self):
        """The commands, with continued lines joined; in a session, those after a $ sign."""
        if self.kind not in ("", "sh", "text", "bash") or not re.match(STARTS, self.text): return []
        lines = re.sub(r"\\\n\s*", "", self.text).splitlines()
        return [l[2:] if self.is_session else l for l in lines if l.strip() and not l.startswith("#") and (not self.is_session or l.startswith("$ "))]


def blocks(page):
    lines, found, i = open(os.path.join(ROOT, page), encoding="utf8").read().splitlines(), [], 0
    while i < len(lines):
        fence = re.match(r"^(```+)\s*(\w*)", lines[i])
        if fence:
            end = next(j for j in range(i + 1, len(lines)) if lines[j].startswith(fence[1]))
            name = re.fullmatch(r"\*\*`([\w.]+)`\*\*", lines[i - 1]) if i else None
            found.append(Block(page, i + 2, fence[2], "\n".join(lines[i + 1:end]), name and name[1]))
            i = end
        elif lines[i].startswith("    ") and (i == 0 or not lines[i - 1].strip()) and not re.match(r"^\s*[*-] ", lines[i]):
            end = next((j for j in range(i, len(lines)) if lines[j].strip() and not lines[j].startswith("    ")), len(lines))
            found.append(Block(page, i + 1, "", "\n".join(l[4:] for l in lines[i:end]).rstrip()))
            i = end - 1
        i += 1
    return found


def reason(command):
    return next(((kind, why) for pattern, kind, why in REASONS if re.search(pattern, command)), None)


def labels_in(command):
    named = re.findall(r'--(?:describe|label-word) "?([\w-]+)=', command)
    levels = re.search(r"--levels ((?:[\w]+ )+)", command)
    oos = re.findall(r"--out-of-scope-label (\w+)", command)
    return list(dict.fromkeys([*named, *(levels[1].split() if levels else [])])), oos


def support(name):
    return [l.split("\t") for l in open(os.path.join(SUPPORT, name), encoding="utf8").read().splitlines()[1:]]


def write_rows(folder, file, rows, names):
    """Rows of the first labels, a few of each, with other names for the labels where a command names some."""
    known = sorted({l for _, l in rows})
    names = names or known
    names = names if len(names) > 1 else [*names, "other"]
    counts, out = {}, []
    for text, label in rows:
        at = known.index(label)
        if at >= len(names) or counts.get(label, 0) == ROWS_PER_LABEL: continue
        counts[label] = counts.get(label, 0) + 1
        out.append((text, names[at]))
    with open(os.path.join(folder, file), "w", encoding="utf8") as f:
        if file.endswith(".jsonl"): f.writelines(f'{{"text": "{t}", "label": "{l}"}}\n' for t, l in out if '"' not in t and "\\" not in t)
        else: f.write("text\tlabel\n" + "".join(f"{t}\t{l}\n" for t, l in out))


class Desk:
    """The folder of a page, with the files that its reader would have."""

    def __init__(self, tool, page):
        self.tool, self.folder = tool, tempfile.mkdtemp(prefix="sktuning-docs-")
        self.shown = {b.name for b in blocks(page) if b.name}
        for model in MODELS:
            os.makedirs(os.path.dirname(os.path.join(self.folder, model)), exist_ok=True)
            os.symlink(TINY, os.path.join(self.folder, model))
        os.symlink(os.path.join(ROOT, "assets"), os.path.join(self.folder, "assets"))
        os.mkdir(os.path.join(self.folder, ".bin"))
        self.write(".bin/sktuning", f'#!/bin/sh\nexec "{tool}" "$@"\n')
        os.chmod(os.path.join(self.folder, ".bin", "sktuning"), 0o755)
        self.rows([])
        for file in TEXTS: self.write(file, "it crashes when I press save\nwhere is my parcel?\n")
        self.write("messages.csv", "ticket,text\n" + "".join(f'{i},"{t}"\n' for i, (t, _) in enumerate(support("test.tsv")[:24]) if '"' not in t))
        self.write("unlabeled.tsv", "text\n" + "".join(t + "\n" for t, _ in support("test.tsv")[:24]))
        self.write("labels.json", '{"delivery": ["where a parcel is"], "payment": ["charges and invoices"]}')
        self.write("plan.json", '{"model": "my-model", "seeds": [1], "dataSets": [{"name": "support", "prompt": "Classify the topic:", "train": "rows.tsv",'
                   ' "test": "test.tsv", "dev": "none"}], "methods": [{"method": "tfidf"}, {"method": "probe"}], "reference": "probe"}')
        shutil.copy(os.path.join(self.folder, "plan.json"), os.path.join(self.folder, ".plan.json"))
        with socket_() as s: self.port = s.getsockname()[1]

    def write(self, file, text):
        with open(os.path.join(self.folder, file), "w", encoding="utf8") as f: f.write(text)

    def rows(self, names, files=()):
        train, test = support("train.tsv"), support("dev.tsv")
        for file in dict.fromkeys([*ROW_FILES, *files]): self.own(file, train, names)
        for file in ("dev.tsv", "test.tsv"): self.own(file, test, names)

    def own(self, file, rows, names):
        if file not in self.shown and "/" not in file: write_rows(self.folder, file, rows, names)

    def script(self, command):
        """The command as it is run."""
        for pattern, other in SUBSTITUTIONS: command = re.sub(pattern, other, command, flags=re.M)
        if "labels.json" in command: self.rows([])
        if "sktuning train" in command:
            names, oos = labels_in(command)
            known = sorted({l for _, l in support("train.tsv")})
            if "--start-from" not in command and "labels.json" not in command:
                self.rows([*(names or (known if oos else [])), *oos][:len(known)])
            if "--train" in command or "{needed}" in command: command = command.replace("sktuning train", "sktuning train --max-steps 2")
            if not re.search(r"--coverage|--reject|--folds", command): command = command.replace("--max-steps 2", "--max-steps 2 --folds 0")
            needed = [] if "--train " in command else ["--train rows.tsv"]
            if re.search(r"--method sk-", command) and "--prompt" not in command: needed.append('--prompt "Classify the topic:"')
            if "--out " not in command: needed.append("--out out")
            command = command.replace("{needed}", " ".join(needed))
        return command.replace("{port}", str(self.port))

    def prepare(self, command):
        """Trains the adapters and runs that a command uses and no command before it has made."""
        for word in re.findall(r"(?:--adapters?|--start-from|report|file=@)[ ]?([\w./-]+)", command):
            if word in ("plan.json",) or os.path.exists(os.path.join(self.folder, word)) or re.search(rf"--out {re.escape(word)}(?![\w-])", command): continue
            method = "lora" if word == "lora" else "probe"
            if "results" in word: self.run(f"sktuning compare plan.json --out {word}")
            elif "report " + word in command: self.run(f"sktuning train --train rows.tsv --method probe --run {word}")
            elif word == "adapters" or word == "./adapters": self.run(f"sktuning train --train rows.tsv --method {method} --out adapters/topics")
            else: self.run(f"sktuning train --train rows.tsv --method {method} --max-steps 2 --out {os.path.dirname(word) if '.' in os.path.basename(word) else word}")

    def run(self, script, limit=120):
        head = f"""set -euo pipefail; set -m
trap 'kill $(jobs -p) 2> /dev/null || true' EXIT
trap 'exit 124' TERM
export PATH="{self.folder}/.bin:$PATH"
wait_for_server() {{ for i in $(seq 100); do curl -sf -o /dev/null localhost:{self.port}/health/ready && return; sleep 0.1; done; return 1; }}
"""
        with tempfile.TemporaryFile("w+") as log:
            process = subprocess.Popen(["bash", "-c", head + script], cwd=self.folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                       env={**os.environ, "NO_COLOR": "1"})
            try: code = process.wait(limit)
            except subprocess.TimeoutExpired:
                process.terminate()                                    # bash's trap ends what it has started
                code = process.wait(30)
            log.seek(0)
            if code: raise Failed(f"exit code {code}\n{log.read()[-3000:]}")


class Failed(Exception): pass


def socket_():
    import socket
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    return s


def pages(names):
    every = ["README.md", "samples/README.md", *sorted(os.path.relpath(p, ROOT) for p in glob.glob(os.path.join(ROOT, "docs", "**", "*.md"), recursive=True))]
    return [p for p in every if os.path.exists(os.path.join(ROOT, p)) and (not names or p in names)]


def what(block):
    """What is done with a block: None to run it, or a reason."""
    if block.kind in KINDS: return KINDS[block.kind]
    if block.name: return "a file that commands of the page read"
    commands = block.commands()
    if not commands: return "no commands" if block.kind in ("", "text", "sh") else f"{block.kind}, no commands"
    why = [reason(c) for c in commands]
    return "; ".join(dict.fromkeys(w[1] for w in why)) if all(why) else None


def check(tool, names):
    counts, failed, started = {"run": 0, "not run": 0}, [], time.time()
    for page in pages(names):
        desk = Desk(tool, page)
        try:
            for block in blocks(page):
                where, why = f"{block.page}:{block.line}", what(block)
                if block.name: desk.write(block.name, block.text + "\n")
                if why:
                    counts["not run"] += 1
                    print(f"{where}: {why}", flush=True)
                    continue
                began = time.time()
                try:
                    skipped = [c for c in block.commands() if reason(c)]
                    scripts = [desk.script(c) for c in block.commands() if not reason(c)]
                    for script in ["\n".join(scripts)] if block.is_session else scripts:
                        if "localhost" in script and "sktuning serve" not in script:     # the server of an earlier block of the page
                            script = desk.script("sktuning serve --adapters adapters &") + "\n" + script
                        desk.prepare(script)
                        desk.run(script)
                    counts["run"] += 1
                    print(f"{where}: run, {len(scripts)} commands, {time.time() - began:.1f} s", flush=True)
                    for c in skipped: print(f"  not run: {c.strip()[:80]}: {reason(c)[1]}")
                except Failed as e:
                    failed.append(where)
                    print(f"{where}: FAILED\n  {script}\n{e}", flush=True)
        finally:
            shutil.rmtree(desk.folder, ignore_errors=True)
    print(f"{counts['run']} blocks run, {counts['not run']} not run for the reason above, {len(failed)} failed, {time.time() - started:.0f} s")
    for where in failed: print(f"failed: {where}")
    return 1 if failed else 0


def long(tool, pattern):
    """Runs in the repository what REASONS call long, as written; tables that a command writes into a page are written if it ends well."""
    failed = 0
    for page in pages([]):
        for block in blocks(page):
            for command in block.commands():
                if (reason(command) or ("",))[0] != LONG or pattern and not re.search(pattern, command): continue
                command = re.sub(r"\s+#.*$|\s*\[[^\]]*\]", "", command)
                print(f"{page}:{block.line}: {command}", flush=True)
                began = time.time()
                code = run_long(f'sktuning() {{ "{tool}" "$@"; }}\n{command}', re.findall(r"--(?:docs|into) (\S+)", command))
                print(f"{page}:{block.line}: exit code {code}, {time.time() - began:.0f} s", flush=True)
                failed += code != 0
    return 1 if failed else 0


def run_long(script, written):
    """Runs a command, and takes back what it wrote into pages if it fails or is interrupted: a part of the trials must not replace the table of all."""
    before = {p: open(os.path.join(ROOT, p), "rb").read() for p in written}
    process, code = subprocess.Popen(["bash", "-c", script], cwd=ROOT, start_new_session=True), None
    try: code = process.wait()
    finally:
        if code is None:
            os.killpg(process.pid, signal.SIGTERM)                             # sktuning stops after a step and keeps the finished trials
            process.wait()
        for page, text in before.items() if code != 0 else ():
            with open(os.path.join(ROOT, page), "wb") as f: f.write(text)
    return code


def main(args):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if args[:1] == ["--list"]:
        for page in pages(args[1:]):
            for block in blocks(page): print(f"{block.page}:{block.line}: {what(block) or 'run: ' + '; '.join(block.commands())[:120]}")
        return 0
    if args[:1] == ["--long"] and len(args) in (2, 3): return long(os.path.abspath(args[1]), args[2] if len(args) == 3 else None)
    if not args or args[0].startswith("-"):
        print(__doc__)
        return 2
    return check(os.path.abspath(args[0]), args[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
