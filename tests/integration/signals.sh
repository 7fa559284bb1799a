#!/usr/bin/env bash
# Sends SIGTERM to every command at many moments, and checks that it ends with 143 in time: within a second where it waits for input, within two elsewhere.
# The exit code is 1 if something does not hold.
# Usage: tests/integration/signals.sh TOOL [MOMENTS], where TOOL is the sktuning program or SkTuning.Tool.dll.
set -u
tool=$1 moments=${2:-20}
[[ $tool == /* ]] || tool=$PWD/$tool
[[ $tool == *.dll ]] && tool="dotnet $tool"
here=$(cd "$(dirname "$0")/../.." && pwd) work=$(mktemp -d) faults=0 checks=0 finished=0
trap 'kill $(jobs -p) 2>/dev/null; rm -rf "$work"' EXIT
rows=$here/assets/data/support/train.tsv
cd "$work" || exit 1

$tool train --train "$rows" --limit 64 --dev "$here/assets/data/support/dev.tsv" --prompt Topic: --method lora --head hf --epochs 1 --out adapter --threads 1 \
    --run run > /dev/null 2>&1 || { echo "the adapter could not be trained"; exit 1; }
for _ in $(seq 40); do tail -n +2 "$rows"; done | { head -1 "$rows"; cat; } > many.tsv
cat > plan.json <<X
{"name": "signals", "model": "$here/assets/models/tiny", "device": "cpu", "seeds": [1, 2], "epochs": 20, "batchSize": 8,
 "dataSets": [{"name": "support", "prompt": "Topic:", "train": "$rows", "dev": "$here/assets/data/support/dev.tsv",
   "test": "$here/assets/data/support/test.tsv"}],
 "methods": [{"method": "tfidf"}, {"method": "probe"}, {"method": "lora"}]}
X

# What a command has written so far. A pipe that is the output is not looked at: nobody reads it.
written() { { cat log; [ -f "$1" ] && cat "$1"; find out -type f -exec cksum {} + | sort; } 2>/dev/null | cksum; }

# check NAME LIMIT_MS DELAY_MS COMMAND...: the command is stopped, so that what it has written can be read, and then gets the signal. One that ended by itself
# before is not counted, nor is 0 a fault from one that had written everything before and was about to end.
check() {
    local name=$1 limit=$2 delay=$3 code start spent to=${output:-results} before
    shift 3
    rm -rf out results
    "$@" > "$to" 2> log < "${input:-/dev/null}" &
    local pid=$!
    sleep "$(printf '%d.%03d' $((delay / 1000)) $((delay % 1000)))"
    if ! kill -STOP $pid 2>/dev/null; then wait $pid; return; fi
    until grep -q '^State:.[TZX]' /proc/$pid/status 2>/dev/null || [ ! -e /proc/$pid ]; do sleep 0.001; done
    if ! grep -q '^State:.T' /proc/$pid/status 2>/dev/null; then wait $pid; return; fi
    before=$(written "$to")
    kill -TERM $pid
    kill -CONT $pid
    start=$(date +%s%N)
    wait $pid
    code=$?
    spent=$((($(date +%s%N) - start) / 1000000))
    checks=$((checks + 1))
    if [ $code = 0 ] && [ $spent -le "$limit" ] && [ "$(written "$to")" = "$before" ]; then
        finished=$((finished + 1))
    elif { [ $code != 143 ] && [ $code != "${ends:-143}" ]; } || [ $spent -gt "$limit" ]; then
        echo "$name, signal after $delay ms: exit code $code after $spent ms: $(tail -1 log)"
        faults=$((faults + 1))
    fi
}

# For a server, a signal is the usual end: ends=0 accepts the exit code 0, too.

# The delays of a command cover its start, its loads and its work.
each() {
    local name=$1 limit=$2 longest=$3
    shift 3
    for m in $(seq "$moments"); do check "$name" "$limit" $((m * longest / moments)) "$@"; done
    echo "$name: done"
}

mkfifo pipe
sleep 100000 > pipe &
input=pipe each "predict, standard input" 1000 3000 $tool predict --adapter adapter
mkfifo full
sleep 100000 < full &
output=full each "predict, output that nobody reads" 2000 3000 $tool predict --adapter adapter --file many.tsv --json
mkfifo labeled.tsv
sleep 100000 > labeled.tsv &
each "evaluate, rows that do not come" 2000 3000 $tool evaluate --adapter adapter --data labeled.tsv
each "train, rows that do not come" 2000 3000 $tool train --train labeled.tsv --out out
each "predict, file" 2000 3000 $tool predict --adapter adapter --file many.tsv
each "evaluate" 2000 3000 $tool evaluate --adapter adapter --data many.tsv
each "data inspect" 2000 2000 $tool data inspect many.tsv
each "info" 2000 800 $tool info --model "$here/assets/models/tiny" --check
each "quickstart" 2000 4000 $tool quickstart --out out
each "train" 2000 4000 $tool train --train "$rows" --prompt Topic: --epochs 1000 --patience 0 --out out
each "train, search for a rate" 2000 4000 $tool train --train "$rows" --prompt Topic: --lr auto --out out
each "compare" 2000 4000 $tool compare plan.json --out out
mkdir adapters && cp -r adapter adapters/topics
ends=0 each "serve" 2000 3000 $tool serve --adapters adapters --urls http://127.0.0.1:0
each "report" 2000 1500 $tool report run --out out
each "adapter merge" 2000 1500 $tool adapter merge --adapter adapter --out out
each "adapter export" 2000 1500 $tool adapter export --adapter adapter --out out
# A hub that accepts connections and never answers.
python3 - > port 2>/dev/null <<'X' &
import socket, time
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(64); print(s.getsockname()[1], flush=True)
kept = []
while True: kept.append(s.accept())
X
for _ in $(seq 50); do [ -s port ] && break; sleep 0.1; done
each "model get" 2000 2000 env HF_HOME="$work/hub" HF_ENDPOINT="http://127.0.0.1:$(cat port)" $tool model get org/name
echo "$checks signals ($finished to commands that had written everything), $faults faults"
[ $faults = 0 ]
