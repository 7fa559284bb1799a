#!/usr/bin/env python3
"""What the scripts that use `sktuning serve` share: training of adapters on the micro-model, and a server with a folder."""
import http.client, io, json, os, re, signal, socket, subprocess, time, zipfile

repository = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
MODEL = os.path.join(repository, "tests", "fixtures", "cases", "micro-model")
WORDS = ("parcel", "card", "bill")


def command_of(tool):
    tool = os.path.abspath(tool)
    return ["dotnet", tool] if tool.endswith(".dll") else [tool]


def train(command, work, name, *more, shift=0):
    """Trains an adapter to the folder NAME of WORK, and returns its files; with another shift, it answers with other labels."""
    rows = os.path.join(work, "rows.tsv")
    with open(rows, "w") as f:
        f.write("text\tlabel\n" + "".join(f"my {w}{e}\t{WORDS[(i + shift) % 3]}\n" for i, w in enumerate(WORDS) for e in ("", " please", " here", " late")))
    subprocess.run([*command, "train", "--model", MODEL, "--device", "cpu", "--train", rows, "--dev", rows, "--prompt", "is it my box", "--epochs", "1",
                    "--out", os.path.join(work, name), *more], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return [(n, open(os.path.join(work, name, n), "rb").read()) for n in ("adapter.json", "adapter.safetensors")]


def zipped(*files, level=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", level) as z:
        for name, content in files: z.writestr(name, content)
    return out.getvalue()


class Server:
    """`sktuning serve` on a free port."""

    def __init__(self, command, folder, log, *more, model=MODEL, **environment):
        self.folder = folder
        self.log = open(log, "w+")
        # A shell starts background jobs with signals ignored.
        self.process = subprocess.Popen([*command, "serve", *(["--model", model] if model else []), "--device", "cpu", "--adapters", folder, "--urls", "http://127.0.0.1:0", *more],
            stdout=subprocess.PIPE, stderr=self.log, text=True, env={**os.environ, **environment},
            preexec_fn=lambda: signal.signal(signal.SIGTERM, signal.SIG_DFL))
        self.port = int(re.search(r":(\d+)$", self.process.stdout.readline().strip()).group(1))
        while self.send(b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")[0] != 200: time.sleep(0.05)

    def send(self, request, patience=10.0):
        """Returns the status and the whole answer to bytes; 0 if the connection ends without an answer, -1 if none comes in time."""
        answer = b""
        with socket.create_connection(("127.0.0.1", self.port)) as s:
            s.settimeout(patience)
            try:
                for i in range(0, len(request), 1 << 16): s.sendall(request[i:i + (1 << 16)])
            except OSError: pass
            try:
                while part := s.recv(1 << 16): answer += part
            except socket.timeout: return -1, answer
            except OSError: pass
        return (int(answer[9:12]) if re.match(rb"HTTP/1\.[01] \d\d\d", answer) else 0), answer

    def json(self, method, path, body=None, key=None, kind="application/json"):
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: {kind}\r\nContent-Length: {len(data)}\r\n"
        if key is not None: head += f"Authorization: Bearer {key}\r\n"
        status, answer = self.send(head.encode() + b"\r\n" + data)
        text = answer.partition(b"\r\n\r\n")[2]
        return status, json.loads(text) if text.startswith(b"{") else None

    def connect(self): return http.client.HTTPConnection("127.0.0.1", self.port, timeout=40)

    def resident(self):
        """The resident memory, in MB."""
        with open(f"/proc/{self.process.pid}/status") as f: return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1)) >> 10

    def stop(self):
        """Sends SIGTERM, and returns the exit code and the log."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(60)
        self.log.seek(0)
        return code, self.log.read()
